"""The replay of Dockerfiles: what Docker's documentation promises, on small trees of files."""

from __future__ import annotations

import pytest

from mlops_course.docker import Build, DockerfileError, build, context, ignored, launch, parse

PROJECT = {
    "requirements.txt": b"numpy==2.3.5\nuvicorn==0.38.0\n",
    "pyproject.toml": b'[project]\nname = "Digits_App"\n[project.scripts]\ntrain = "digits.train:main"\n',
    "src/digits/__init__.py": b"",
    "src/digits/train.py": b"print('hello')\n",
    "notes.txt": b"",
}


def built(*lines: str, files: dict[str, bytes] = PROJECT) -> Build:
    return build("\n".join(["FROM python:3.12-slim", *lines]), files)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("data", "data/a/b.npz", True),
        ("data", "src/data/b.npz", False),
        ("data/", "data/b.npz", True),
        ("/data", "data/b.npz", True),
        ("**/data", "src/data/b.npz", True),
        ("*.pyc", "a.pyc", True),
        ("*.pyc", "src/a.pyc", False),
        ("**/*.pyc", "a.pyc", True),
        ("src/**/x.py", "src/x.py", True),
        (".env*", ".env.local", True),
        ("*\n!src", "src/a.py", False),
        ("*\n!src\n**/__pycache__", "src/__pycache__/a.pyc", True),
        ("# data", "# data", False),
        ("file.?x?", "file.txt", True),
        ("[ab].txt", "b.txt", True),
        ("", "a", False),
    ],
)
def test_ignore_patterns(pattern: str, path: str, expected: bool) -> None:
    assert ignored(path, pattern) is expected


def test_context_drops_ignored_files() -> None:
    assert set(context(PROJECT, "src\n*.txt")) == {"pyproject.toml"}


def test_parsing_joins_lines_and_keeps_flags() -> None:
    lines = ["# syntax=docker/dockerfile:1", "from a"]
    lines += ["RUN --mount=type=cache,target=/c a \\", "  # a comment", "  && b"]
    instructions = parse("\n".join([*lines, 'CMD ["x"]']))
    assert [instruction.keyword for instruction in instructions] == ["FROM", "RUN", "CMD"]
    assert instructions[1].flags == (("mount", "type=cache,target=/c"),)
    assert instructions[1].value.split() == ["a", "&&", "b"]
    assert instructions[1].line == 3
    assert instructions[2].exec_form == ["x"]


def test_here_documents() -> None:
    image = built("COPY <<EOF /app/settings.toml", "a = 1", "EOF", "RUN <<EOF", "cd /app", "touch b", "EOF").final
    assert image.files["/app/settings.toml"] == b"a = 1\n"
    assert "/app/b" in image.files


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("COPY notes.txt /x", "/x"),
        ("COPY notes.txt /x/", "/x/notes.txt"),
        ("COPY notes.txt .", "/app/notes.txt"),
        ("COPY src /x", "/x/digits/train.py"),
        ("COPY src/ ./code/", "/app/code/digits/train.py"),
        ("COPY . .", "/app/src/digits/train.py"),
        ('COPY ["notes.txt", "/with space/"]', "/with space/notes.txt"),
        ("COPY *.txt texts/", "/app/texts/requirements.txt"),
        ("ARG D=/y\nCOPY notes.txt ${D}/${E:-z}/", "/y/z/notes.txt"),
        ("ADD https://example.org/a.bin /x/", "/x/a.bin"),
    ],
)
def test_where_copied_files_go(line: str, path: str) -> None:
    assert path in built("WORKDIR /app", line).final.files


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["COPY data /x"], "data is not in the build context"),
        (["COPY ../x /x"], "outside the build context"),
        (["RUN pip install -r requirements.txt"], "no /requirements.txt"),
        (["RUN pip install ."], "no pyproject.toml"),
        (["COPI a b"], "unknown instruction COPI"),
        (["RUN"], "needs at least one argument"),
        (["COPY --from=0 /nothing /x"], "not in the stage 0"),
    ],
)
def test_builds_that_fail(lines: list[str], message: str) -> None:
    with pytest.raises(DockerfileError, match=message):
        built(*lines)


def test_a_file_without_from_is_refused() -> None:
    for text in ("", "# nothing", "RUN ls", "ARG A=1"):
        with pytest.raises(DockerfileError):
            build(text, PROJECT)


def test_installed_package_is_what_was_there() -> None:
    early = built("WORKDIR /app", "COPY pyproject.toml .", "RUN pip install --no-deps .", "COPY src src").final
    late = built("WORKDIR /app", "COPY . .", "RUN pip install --no-deps .").final
    installed = "/usr/local/lib/python3/site-packages/digits/train.py"
    assert installed not in early.files
    assert installed in late.files
    assert late.has_program("train")
    assert late.distributions() == {"digits-app"}


def test_virtual_environments_travel_between_stages() -> None:
    stages = [
        "RUN python -m venv /opt/venv",
        "ENV PATH=/opt/venv/bin:$PATH",
        "COPY requirements.txt /",
        "RUN pip install -r /requirements.txt",
        "FROM python:3.12-slim",
        "COPY --from=0 /opt/venv /opt/venv",
    ]
    assert built(*stages).final.distributions() == set()
    assert built(*stages, "ENV PATH=/opt/venv/bin:$PATH").final.distributions() == {"numpy", "uvicorn"}
    assert built(*stages).final.distributions("/opt/venv/bin/python") == {"numpy", "uvicorn"}


def test_a_layer_is_rebuilt_when_what_it_took_has_changed() -> None:
    lines = ("COPY requirements.txt /", "RUN pip install -r /requirements.txt", "COPY src /src", "RUN touch /done")
    before = [layer.key for layer in built(*lines).layers]
    code = [layer.key for layer in built(*lines, files=PROJECT | {"src/digits/train.py": b""}).layers]
    pins = [layer.key for layer in built(*lines, files=PROJECT | {"requirements.txt": b"numpy==2.3.6"}).layers]
    assert [a == b for a, b in zip(before, code, strict=True)] == [True, True, False, False]
    assert [a == b for a, b in zip(before, pins, strict=True)] == [False] * 4


def test_a_removed_file_stays_in_its_layer() -> None:
    whole = built("COPY notes.txt /secret", "RUN rm /secret")
    assert "/secret" not in whole.final.files
    assert any("/secret" in layer.created for layer in whole.layers)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['ENTRYPOINT ["python", "a.py"]', 'CMD ["--b"]'], ["python", "a.py", "--lr", "1"]),
        (["ENTRYPOINT python a.py"], ["/bin/sh", "-c", "python a.py"]),
        (['CMD ["python", "a.py"]'], ["--lr", "1"]),
    ],
)
def test_what_docker_run_starts(lines: list[str], expected: list[str]) -> None:
    assert built(*lines).final.process("--lr", "1") == expected


def test_launching_needs_the_program() -> None:
    with pytest.raises(DockerfileError, match="no program 'uvicorn'"):
        launch(built('CMD ["uvicorn", "a:b"]').final)
    image = built("COPY requirements.txt /", "RUN pip install -r /requirements.txt", "CMD exec uvicorn a:b").final
    assert launch(image).arguments == ("sh", "-c", "exec uvicorn a:b")


def test_absolute_paths_move_below_the_folder_of_the_image() -> None:
    image = built("WORKDIR /app", "COPY . .", 'ENTRYPOINT ["python", "/app/x.py", "--data=/app/data", "a/b"]').final
    start = launch(image)
    assert start.arguments == ("python", "@root@/app/x.py", "--data=@root@/app/data", "a/b")
    assert start.environment["IMAGE_WORKDIR"] == "/app"
