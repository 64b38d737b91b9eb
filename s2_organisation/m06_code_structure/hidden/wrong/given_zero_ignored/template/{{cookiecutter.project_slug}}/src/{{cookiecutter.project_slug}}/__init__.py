"""A project from the template."""
