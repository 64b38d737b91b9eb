"""What a Dockerfile would build, found out without Docker: its instructions replayed on a tree of files.

    from mlops_course.docker import build, context

    image = build(dockerfile, context(files, dockerignore)).final
    image.files                       # from absolute path to content
    image.process("--lr", "0.1")      # what `docker run image --lr 0.1` would start

No command is run: of a RUN instruction only what it does to files and to installed Python packages is followed, for
the commands that images of Python programs are made of (pip, venv, cd, mkdir, cp, mv, rm, touch, echo). Everything
else is taken to succeed without a trace.
"""

from mlops_course.docker.build import Build, Image, Layer, build
from mlops_course.docker.ignore import context, ignored
from mlops_course.docker.run import LAUNCHER, Launch, launch, unpack
from mlops_course.docker.syntax import DockerfileError, Instruction, parse

__all__ = [
    "LAUNCHER",
    "Build",
    "DockerfileError",
    "Image",
    "Instruction",
    "Launch",
    "Layer",
    "build",
    "context",
    "ignored",
    "launch",
    "parse",
    "unpack",
]
