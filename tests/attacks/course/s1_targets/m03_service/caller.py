"""Post the number given as second argument to the URL given as first, and print the answer."""

raise NotImplementedError("TODO: post and print")
