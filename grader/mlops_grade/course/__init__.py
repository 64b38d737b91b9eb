"""The course's side: what the folders say, where work comes from, suites open or sealed, the environment."""
