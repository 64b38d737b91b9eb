"""Making the students' repository from this one.

`contents` says which files it has, `check` proves that nothing hidden is among them and that it works, `command` is
what `mlops-grade release` does, `scaffold` starts a new module.
"""
