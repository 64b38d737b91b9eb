"""A package small enough to be tested in a second: the workflows are the exercise."""
