"""A small classifier of handwritten digits: the package that your tests are for."""
