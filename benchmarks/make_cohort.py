"""Write a synthetic cohort: N forks as real git repositories, and their roster. The same seed gives the same commits.

    python benchmarks/make_cohort.py /tmp/cohort --students 500
    mlops-grade batch /tmp/cohort

Students differ in ability and in how far they came: most modules are untouched, as in real cohorts; the rest are right,
wrong in one of the ways that the course knows, or broken. Some forks are late, hostile, empty or not there at all.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mlops_grade.course.discovery import Course, Module, find_root, load_course
from mlops_grade.course.submission import Submission
from mlops_grade.errors import UsageError
from mlops_grade.prove.exercises import right, skeleton, solution, wrong

HOUR, DAY = 3600, 86_400
START = 1_830_000_000  # the commits' dates count from here; due is four weeks later
DUE = START + 28 * DAY
KINDS = {"ordinary": 86, "late": 5, "hostile": 4, "absent": 2, "damaged": 1, "empty": 1, "far too large": 1}
BROKEN = b"def broken(:\n    this is no Python\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
SETTINGS = """name = "synthetic {seed}"
max_fork_mib = 8

[late]
policy = "days"
due = {due}
grace_hours = 1
days = 2
"""
Files = Mapping[str, bytes]


@dataclass
class Commit:
    """One commit of a student's: files by path; modes by path where they are not those of a plain file."""

    date: int
    message: str
    files: dict[str, bytes]
    modes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ways:
    """What can be handed in for a module."""

    module: Module
    skeleton: Submission
    right: list[Submission]
    wrong: list[Submission]


def ways(module: Module) -> Ways:
    return Ways(
        module,
        skeleton(module),
        [solution(module), *(variant.submission for variant in right(module))],
        [variant.submission for variant in wrong(module)],
    )


def in_folder(module: Module, submission: Submission) -> dict[str, bytes]:
    return {f"{module.folder}/{path}": data for path, data in submission.files.items()}


def work_of(student: str, draw: random.Random, course: list[Ways], own: float) -> Iterator[Commit]:
    """A student's commits: one a module reached, in the course's order, over four weeks."""
    ability, reached = draw.random() ** 0.7, draw.random() ** 1.5
    for number, one in enumerate(course):
        if number >= reached * len(course):
            return
        if draw.random() < 0.15:
            continue
        fate = draw.random()
        if fate < 0.1 + 0.8 * ability or not one.wrong:
            files = in_folder(one.module, draw.choice(one.right))
        elif fate < 0.97:
            files = in_folder(one.module, draw.choice(one.wrong))
        else:
            files = in_folder(one.module, one.skeleton)
            path = next((path for path in files if path.endswith(".py")), next(iter(files)))
            files[path] = BROKEN
        if draw.random() < own:  # a file of the student's own: nobody else has the same bytes
            path = next((path for path in files if path.endswith((".py", ".sh", ".yaml"))), "")
            if path:
                files[path] += f"\n# {student}\n".encode()
        date = START + int((number + draw.random()) / len(course) * 27 * DAY)
        yield Commit(date, f"{one.module.id} {one.module.title}", files)


def hostile(student: str, draw: random.Random, course: list[Ways]) -> Iterator[Commit]:
    """What must neither be run, followed, nor brought out of its jail; one mischief a module."""
    code = b"import os\nos._exit(0)\n"
    mischief: list[tuple[Files, Mapping[str, str]]] = []
    for one in course:
        path = f"{one.module.folder}/{next(iter(one.skeleton.files))}"
        beside = f"{one.module.folder}/conftest.py"
        mischief += [
            ({path: b"/etc/passwd"}, {path: "120000"}),
            ({path: code}, {}),
            ({beside: b"raise SystemExit(0)\n", path: code}, {}),
            ({path: POINTER, ".gitattributes": b"* filter=lfs\n"}, {}),
            ({".gitmodules": b'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% /tmp/owned\n'}, {}),
            ({f"{one.module.folder}/{number}.txt": b"x" for number in range(300)}, {}),
            ({path.upper(): b"A = 1\n", path: b"a = 1\n"}, {}),
        ]  # fmt: skip
    for number, (files, modes) in enumerate(draw.sample(mischief, min(6, len(mischief)))):
        yield Commit(START + number * DAY, f"mischief {number} of {student}", dict(files), dict(modes))


def stream(commits: list[Commit], onto: str | None) -> Iterator[bytes]:
    """The commits as git fast-import reads them."""
    for number, commit in enumerate(commits):
        message = commit.message.encode()
        yield b"commit refs/heads/main\n"
        yield b"committer Student <student@example.org> %d +0000\n" % commit.date
        yield b"data %d\n%s\n" % (len(message), message)
        if number == 0 and onto:
            yield b"from %s\n" % onto.encode()
        for path, data in commit.files.items():
            mode = commit.modes.get(path, "100644").encode()
            yield b"M %s inline %s\ndata %d\n" % (mode, path.encode(), len(data))
            yield data + b"\n"


def git(repository: Path, *arguments: str, stdin: bytes = b"") -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    words = ["git", "-C", str(repository), *arguments]
    subprocess.run(words, input=stdin, env=environment, check=True, stdout=subprocess.DEVNULL)


def fast_import(place: Path, commits: list[Commit], onto: str | None) -> None:
    """Add commits on top of another one, or as the first; always as a pack."""
    stdin = b"".join(stream(commits, onto))
    git(place, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", stdin=stdin)


def make_upstream(place: Path, course: list[Ways]) -> None:
    """The repository that everybody forked: every module's skeleton and page, over a few commits."""
    place.mkdir(parents=True)
    git(place, "init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    commits = []
    for number, one in enumerate(course):
        files = in_folder(one.module, one.skeleton)
        for name in ("README.md", "module.toml"):
            if (one.module.path / name).is_file():
                files[f"{one.module.folder}/{name}"] = (one.module.path / name).read_bytes()
        commits.append(Commit(START - (len(course) - number) * HOUR, f"Add {one.module.id}", files))
    fast_import(place, commits, None)


def make_fork(place: Path, upstream: Path, commits: list[Commit]) -> None:
    """A bare repository that shares the upstream's packs as hard links, with the student's commits on top."""
    shutil.copytree(upstream, place, copy_function=os.link)
    for name in ("refs", "packed-refs", "config", "HEAD"):  # what git rewrites must not be shared
        shared = upstream / name
        if shared.is_file():
            (place / name).unlink()
            shutil.copy(shared, place / name)
        elif shared.is_dir():
            shutil.rmtree(place / name)
            shutil.copytree(shared, place / name)
    if commits:
        fast_import(place, commits, "refs/heads/main^0")


def make_student(
    student: str, kind: str, place: Path, upstream: Path, draw: random.Random, course: list[Ways], own: float
) -> None:
    if kind == "absent":
        return
    if kind == "empty":
        place.mkdir(parents=True)
        git(place, "init", "--quiet", "--bare", "--template=")
        return
    commits = list(hostile(student, draw, course) if kind == "hostile" else work_of(student, draw, course, own))
    if kind == "late":
        for commit in commits[len(commits) // 2 :]:
            commit.date = DUE + int(draw.expovariate(1 / DAY)) + HOUR
    if kind == "far too large":
        data = {f"data/{number}.bin": draw.randbytes(3 << 20) for number in range(3)}
        commits.append(Commit(DUE - HOUR, "my data", data))
    if kind == "damaged":
        commits.append(Commit(DUE - HOUR, "the last one", {"notes.txt": draw.randbytes(4096)}))
    make_fork(place, upstream, commits)
    if kind == "damaged":
        for pack in (place / "objects" / "pack").glob("*.pack"):
            data = pack.read_bytes()
            pack.unlink()
            pack.write_bytes(data[: len(data) // 2])


def make_cohort(out: Path, course: Course, words: list[str], students: int, seed: int, own: float) -> None:
    if out.exists():
        raise UsageError(f"{out} is there already: name a new folder")
    known = [ways(module) for module in course.resolve(words) if (module.hidden / "solution").is_dir()]
    upstream = out / "upstream.git"
    make_upstream(upstream, known)
    draw = random.Random(seed)
    rows = []
    for number in range(1, students + 1):
        student = f"s{270_000 + number}"
        kind = draw.choices(list(KINDS), list(KINDS.values()))[0] if number > 2 else "ordinary"
        make_student(
            student, kind, out / "forks" / f"{student}.git", upstream, random.Random(f"{seed} {student}"), known, own
        )
        rows.append((student, f"forks/{student}.git", str(10_000 + number), f"{student}@example.org", kind))
    with (out / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("student", "repository", "lms_id", "email", "kind"))
        writer.writerows(rows)
    (out / "cohort.toml").write_text(SETTINGS.format(seed=seed, due=iso(DUE)), encoding="utf-8")


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("what", nargs="*", help="sessions and modules; all that have a solution by default")
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--own", type=float, default=0.3, help="share of touched modules that nobody else handed in alike"
    )
    arguments = parser.parse_args()
    course = load_course(find_root())
    make_cohort(arguments.out, course, arguments.what, arguments.students, arguments.seed, arguments.own)
    print(f"Wrote {arguments.students} students to {arguments.out}: mlops-grade batch {arguments.out}")


if __name__ == "__main__":
    main()
