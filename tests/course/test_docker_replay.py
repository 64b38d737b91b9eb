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
    installed = "/usr/local/lib/python3.12/site-packages/digits/train.py"
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


PIP = "RUN pip install -r /requirements.txt"
UV = "COPY --from=ghcr.io/astral-sh/uv:0.9.11 /uv /bin/"
VENV = "RUN python -m venv /venv"


@pytest.mark.parametrize(
    "lines",
    [
        [UV, "RUN uv pip install --system -r /requirements.txt"],
        [UV, "ENV UV_SYSTEM_PYTHON=1", "RUN uv pip sync --no-cache /requirements.txt"],
        ["RUN pip install uv && python -m uv pip install --system -r /requirements.txt"],
        ["RUN --mount=from=ghcr.io/astral-sh/uv,source=/uv,target=/bin/uv uv pip install --system -r requirements.txt"],
        ["RUN pip install -qr /requirements.txt > /dev/null 2>&1"],
        ["RUN pip --no-cache-dir install --only-binary :all: -r /requirements.txt"],
        ["RUN pip install --user -r /requirements.txt"],
        ["RUN useradd me", "USER me", PIP],
        ["RUN pip wheel -w /w -r /requirements.txt && pip install /w/*.whl"],
        [PIP, "FROM python:3.12-slim", "COPY --from=0 /usr/local/lib/python3.12 /usr/local/lib/python3.12"],
        ["RUN pip install --prefix /p -r requirements.txt", "FROM python:3.12-slim", "COPY --from=0 /p /usr/local"],
        ["RUN bash <<END", "pip install -r /requirements.txt", "END"],
    ],
)
def test_ways_to_install_for_the_python_of_the_image(lines: list[str]) -> None:
    assert {"numpy", "uvicorn"} <= built("COPY requirements.txt /", *lines).final.distributions("python")


@pytest.mark.parametrize(
    "line",
    [
        "RUN . /venv/bin/activate && pip install -r /requirements.txt",
        "RUN pip --python /venv/bin/python install -r /requirements.txt",
        "RUN VIRTUAL_ENV=/venv uv pip install -r /requirements.txt",
        "RUN uv pip install --python /venv/bin/python -r /requirements.txt",
        "RUN uv --no-cache pip install -p /venv -r /requirements.txt",
        "ENV VIRTUAL_ENV=/venv\nRUN uv pip install -r /requirements.txt",
        "RUN cd /venv && pip install uv && mv /venv /.venv && uv pip install -r /requirements.txt && mv /.venv /venv",
    ],
)
def test_ways_to_install_into_a_virtual_environment(line: str) -> None:
    image = built("COPY requirements.txt /", UV, VENV, line).final
    assert image.distributions("/venv/bin/python") == {"numpy", "uvicorn"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["RUN uv pip install --system numpy"], "no uv on PATH"),
        ([UV, "RUN uv pip install numpy"], "no virtual environment"),
        ([UV, "RUN VIRTUAL_ENV=/venv uv pip install numpy"], "no Python environment at /venv"),
        ([UV, "RUN uv venv /venv && /venv/bin/python -m pip install numpy"], "no pip in /venv"),
        (["RUN pip install /w/a.whl"], "finds no /w/a.whl"),
    ],
)
def test_installations_that_fail(lines: list[str], message: str) -> None:
    with pytest.raises(DockerfileError, match=message):
        built(*lines)


def test_packages_of_another_python_are_not_found() -> None:
    lines = ["COPY requirements.txt /", PIP, "FROM python:3.13-slim", "COPY --from=0 /usr/local/lib /usr/local/lib"]
    assert built(*lines).final.distributions() == set()


def test_a_program_needs_the_interpreter_that_it_names() -> None:
    made = ["COPY . /src", "RUN python -m venv /a && /a/bin/pip install --no-deps /src", "FROM python:3.12-slim"]
    assert built(*made, "COPY --from=0 /a /a", "ENV PATH=/a/bin:$PATH").final.has_program("train")
    assert not built(*made, "COPY --from=0 /a /b", "ENV PATH=/b/bin:$PATH").final.has_program("train")


def test_environment_wins_over_build_arguments_and_stages_inherit_these() -> None:
    image = built("ARG A=1", "ARG B=2", "ENV A=3", "FROM 0", "RUN touch /$A$B").final
    assert "/32" in image.files


def test_a_small_init_hands_over() -> None:
    image = built("RUN apt-get install -y tini", 'ENTRYPOINT ["tini", "--", "python", "a.py"]').final
    assert launch(image, "--lr", "1").arguments == ("python", "a.py", "--lr", "1")


def test_uv_run_is_refused_with_the_reason() -> None:
    with pytest.raises(DockerfileError, match="uv run"):
        launch(built(UV, 'ENTRYPOINT ["uv", "run", "a.py"]').final)


def test_folders_of_the_image_in_a_script_move_too() -> None:
    image = built("WORKDIR /app", "COPY . .", 'ENTRYPOINT ["sh", "-c", "cd /app; python /app/x /application"]').final
    assert launch(image).arguments == ("sh", "-c", "cd @root@/app; python @root@/app/x /application")
