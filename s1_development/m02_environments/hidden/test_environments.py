"""Hidden suite of m02: what a project needs, what it was tested with, and an environment of it."""

import codecs
import json
import re
import tomllib
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mlops_grade.suite import Student, hint, read_yaml

# What src/leafcount imports: the module, the file, and the distributions that provide it.
IMPORTS: dict[str, tuple[str, set[str]]] = {
    "cv2": ("images.py", {"opencv-python", "opencv-python-headless"}),
    "PIL": ("images.py", {"pillow"}),
    "numpy": ("images.py", {"numpy"}),
    "pandas": ("features.py", {"pandas"}),
    "dateutil": ("features.py", {"python-dateutil"}),
    "sklearn": ("model.py", {"scikit-learn"}),
    "yaml": ("settings.py", {"pyyaml"}),
    "matplotlib": ("report.py", {"matplotlib"}),
}
CONDITIONAL: dict[str, tuple[str, str]] = {
    "tomli": ("settings.py", "before Python 3.11"),
    "colorama": ("report.py", "on Windows"),
}
# What the comments in the source say: versions that have to be in the range, and versions that must not be.
STATED: dict[str, tuple[list[str], list[str]]] = {
    "numpy": (["1.26.4", "2.2.6", "2.3.5", "2.3.9"], ["2.4.0", "2.4.2", "2.5.0"]),
    "pandas": (["2.1.0", "2.1.4", "2.3.3"], ["2.0.3", "1.5.3"]),
    "scikit-learn": (["1.3.0", "1.3.2", "1.7.2"], ["1.2.2", "1.0.2"]),
}
LINUX = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
WINDOWS = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"}
MAC = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"}


def ensure(condition: object, message: str) -> None:
    """Fail the check with a message alone, where what was compared would not help, or would give the answer away."""
    if not condition:
        raise AssertionError(message)


def environment(system: dict[str, str], python: str) -> dict[str, str]:
    """The variables that markers can ask for."""
    return {
        **system,
        "python_version": python,
        "python_full_version": f"{python}.4",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.4",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }


TARGET = environment(LINUX, "3.11")


def applies(requirement: Requirement, where: dict[str, str]) -> bool:
    """Whether a requirement counts in an environment."""
    return requirement.marker is None or requirement.marker.evaluate(where)


def parse(text: object, place: str) -> Requirement:
    """A requirement; the check fails where it is none."""
    assert isinstance(text, str), f"{place}: {text!r} is not a text"
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise AssertionError(f"{place}: {text!r} is not a requirement: {str(error).splitlines()[0]}") from None


class Project:
    """The student's pyproject.toml."""

    def __init__(self, student: Student) -> None:
        try:
            self.table: dict[str, Any] = tomllib.loads(student.read("pyproject.toml").decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise AssertionError(f"pyproject.toml is not valid TOML: {error}") from None
        project = self.table.get("project")
        assert isinstance(project, dict), "pyproject.toml has no table [project]"
        self.project = project

    @property
    def dependencies(self) -> list[Requirement]:
        declared = self.project.get("dependencies")
        assert isinstance(declared, list) and declared, "project.dependencies names nothing"
        return [parse(text, "project.dependencies") for text in declared]

    def group(self, name: str, seen: tuple[str, ...] = ()) -> list[Requirement]:
        """The requirements of a dependency group, included groups and all."""
        ensure(name not in seen, f"the group {name} includes itself")
        groups = self.table.get("dependency-groups")
        assert isinstance(groups, dict), "pyproject.toml has no table [dependency-groups]"
        entries = groups.get(name)
        assert isinstance(entries, list) and entries, f"there is no dependency group {name}, or it is empty"
        found: list[Requirement] = []
        for entry in entries:
            if isinstance(entry, dict) and "include-group" in entry:
                found += self.group(str(entry["include-group"]), (*seen, name))
            else:
                found.append(parse(entry, f"dependency-groups.{name}"))
        return found


def names(requirements: list[Requirement], where: dict[str, str] | None = None) -> set[str]:
    """The normalised names of requirements, all of them or those that count in an environment."""
    return {canonicalize_name(r.name) for r in requirements if where is None or applies(r, where)}


def ranges(project: Project) -> dict[str, SpecifierSet]:
    """The range of each dependency; of one that is declared more than once, the part that counts for the lock."""
    dependencies = project.dependencies
    combined: dict[str, SpecifierSet] = {}
    for name in names(dependencies):
        same = [r for r in dependencies if canonicalize_name(r.name) == name]
        counting = [r for r in same if applies(r, TARGET)] or same
        combined[name] = SpecifierSet(",".join(str(r.specifier) for r in counting))
    return combined


def read_index(student: Student) -> dict[str, dict[str, dict[str, Any]]]:
    index: dict[str, dict[str, dict[str, Any]]] = json.loads(student.read("index.json"))
    return index


def as_pip_reads(data: bytes) -> str:
    """The text of a file of requirements. pip goes by the mark at its beginning: PowerShell's `>` writes UTF-16."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def read_pins(student: Student) -> dict[str, str]:
    """The lock as name and version; the check fails where a line is no pin."""
    pins: dict[str, str] = {}
    for number, line in enumerate(as_pip_reads(student.read("requirements.txt")).splitlines(), start=1):
        text = re.sub(r"(^|\s+)#.*$", "", line).strip()
        if not text:
            continue
        place = f"requirements.txt, line {number}"
        requirement = parse(text, place)
        specifiers = list(requirement.specifier)
        exact = len(specifiers) == 1 and specifiers[0].operator == "==" and "*" not in specifiers[0].version
        assert exact, f"{place}: {text} is not one exact version, as in name==1.2.3"
        if applies(requirement, TARGET):
            name = canonicalize_name(requirement.name)
            ensure(name not in pins, f"{place}: {name} is there twice")
            pins[name] = specifiers[0].version
    assert pins, "requirements.txt names no version"
    return pins


def release(index: dict[str, dict[str, dict[str, Any]]], name: str, version: str) -> dict[str, Any] | None:
    """What the index says of a version; None when it is not there."""
    return next((data for text, data in index.get(name, {}).items() if Version(text) == Version(version)), None)


def needed(student: Student) -> tuple[dict[str, str], list[tuple[str, Requirement]], set[str]]:
    """The pins, the requirements that follow from the source and the pins (each with who wants it), and their names."""
    pins, index = read_pins(student), read_index(student)
    wanted: list[tuple[str, Requirement]] = []
    for module, (file, providers) in IMPORTS.items():
        chosen = sorted(providers & pins.keys()) or sorted(providers)
        wanted.append((f"src/leafcount/{file} (import {module})", Requirement(chosen[0])))
    reached: set[str] = set()
    position = 0
    while position < len(wanted):
        name = canonicalize_name(wanted[position][1].name)
        position += 1
        if name in reached or name not in pins:
            continue
        reached.add(name)
        data = release(index, name, pins[name]) or {"requires": []}
        requirements = [Requirement(text) for text in data["requires"]]
        wanted += [(f"{name} {pins[name]}", r) for r in requirements if applies(r, TARGET)]
    return pins, wanted, reached


# ----------------------------------------------------------------------------------------------------- pyproject.toml


@hint("Search for `import` in all files. Then ask the index: what is the distribution called that brings this module?")
def test_every_import_is_declared(student: Student) -> None:
    """project.dependencies has a distribution for every module that src/leafcount imports"""
    declared = names(Project(student).dependencies, environment(LINUX, "3.12"))
    for module, (file, providers) in IMPORTS.items():
        provided = bool(declared & providers)
        assert provided, f"src/leafcount/{file} imports {module}; none of {sorted(declared)} provides it"


@hint("For each name ask: which line of src/leafcount imports it? What others need, they declare themselves.")
def test_nothing_else_is_declared(student: Student) -> None:
    """project.dependencies names nothing that src/leafcount does not import"""
    project = Project(student)
    known = set(CONDITIONAL).union(*(providers for _, providers in IMPORTS.values()))
    for name in sorted(names(project.dependencies)):
        ensure(name in known, f"src/leafcount imports nothing that a distribution named {name} provides")
    for module, (_, providers) in IMPORTS.items():
        ensure(
            len(names(project.dependencies) & providers) < 2, f"{module} is declared twice over: {sorted(providers)}"
        )


def later_bug_fix(newest: Version, versions: dict[str, dict[str, Any]]) -> Version:
    """A version after the newest one, of the same series, that nobody has a reason to exclude: it is not there yet."""
    known = {Version(text) for text in versions}
    *series, last = newest.release
    candidates = (Version(".".join(map(str, (*series, number)))) for number in range(last + 1, last + 100))
    return next(version for version in candidates if version not in known)


@hint("Ranges belong into pyproject.toml, exact versions into the lock: a floor keeps resolvers from going back years.")
def test_ranges_have_a_floor_and_room(student: Student) -> None:
    """Each dependency has a floor, and room for the newest version and its bug fixes"""
    index = read_index(student)
    for name, specifier in ranges(Project(student)).items():
        assert not specifier.contains("0.0.1"), f"{name} has no floor: {str(specifier) or 'any version'} would do"
        unfit = STATED.get(name, ([], []))[1]
        newest = max(
            (Version(text) for text, data in index.get(name, {}).items() if "yanked" not in data and text not in unfit),
            default=None,
        )
        if newest is None:
            raise AssertionError(f"there is no distribution {name} on the index")
        for version in (newest, later_bug_fix(newest, index[name])):
            assert specifier.contains(version), f"{name}{specifier} leaves out {version}"


@hint("The comments beside the code say from which version on, or up to which, it works.")
def test_ranges_agree_with_the_source(student: Student) -> None:
    """The ranges agree with what the comments in the source say"""
    declared = ranges(Project(student))
    for name, (works, fails) in STATED.items():
        ensure(name in declared, f"{name} is not declared")
        for version in works:
            assert declared[name].contains(version), f"{name}{declared[name]} leaves out {version}, which works"
        for version in fails:
            assert not declared[name].contains(version), (
                f"{name}{declared[name]} lets in {version}, which does not work"
            )


@hint("A marker stands behind a semicolon. Which variables can it ask for the system, and for the version of Python?")
def test_markers(student: Student) -> None:
    """tomli and colorama are required where they are imported, and nowhere else"""
    dependencies = Project(student).dependencies
    for system, label in ((LINUX, "Linux"), (WINDOWS, "Windows"), (MAC, "macOS")):
        for python in ("3.10", "3.11", "3.13"):
            required = names(dependencies, environment(system, python))
            for name, wanted in (("tomli", python == "3.10"), ("colorama", label == "Windows")):
                file, when = CONDITIONAL[name]
                is_or_not = "is not" if wanted else "is"
                assert (name in required) == wanted, (
                    f"{name} {is_or_not} required on {label} with Python {python}; {file} imports it {when}"
                )


@hint("What does the oldest Python that knows all the syntax look like? Leave out none that works, and no later one.")
def test_requires_python(student: Student) -> None:
    """requires-python lets in Python 3.10 and later"""
    text = Project(student).project.get("requires-python")
    assert isinstance(text, str), "project has no requires-python"
    try:
        specifier = SpecifierSet(text)
    except InvalidSpecifier:
        raise AssertionError(f"requires-python: {text!r} is not a version specifier") from None
    for version in ("3.8.20", "3.9.21"):
        assert not specifier.contains(version), f"{text} lets in {version}, which does not know `match`"
    for version in ("3.10.0", "3.10.15", "3.11.9", "3.12.1", "3.14.0"):
        assert specifier.contains(version), f"{text} leaves out {version}"


@hint("[dependency-groups] is for those who work on the project; its users never install it.")
def test_dev_group(student: Student) -> None:
    """The group dev holds what tests/ import and ruff; nobody else gets these"""
    project = Project(student)
    group = names(project.group("dev"))
    for name in ("pytest", "hypothesis", "ruff"):
        ensure(name in group, f"the group dev lacks {name}")
        ensure(name not in names(project.dependencies), f"{name} is a dependency of all who use the project")
    optional = project.project.get("optional-dependencies", {})
    assert isinstance(optional, dict), "project.optional-dependencies is not a table"
    entries = [parse(text, f"optional-dependencies.{extra}") for extra, texts in optional.items() for text in texts]
    imported = set(CONDITIONAL).union(*(providers for _, providers in IMPORTS.values()))
    other = sorted(names(entries) - imported)
    assert not other, f"optional-dependencies are for users, and src/leafcount never imports these: {other}"


# ---------------------------------------------------------------------------------------------------- requirements.txt


@hint("One name==version a line. The index knows which versions exist, which are yanked and which Python they need.")
def test_lock_holds_exact_versions(student: Student) -> None:
    """requirements.txt holds exact versions that exist, are not yanked and support Python 3.11"""
    index = read_index(student)
    for name, version in read_pins(student).items():
        ensure(name in index, f"there is no distribution {name} on the index")
        try:
            data = release(index, name, version)
        except InvalidVersion:
            data = None
        if data is None:
            raise AssertionError(f"the index has no {name} {version}")
        ensure("yanked" not in data, f"{name} {version} was yanked: {data.get('yanked')}")
        python = SpecifierSet(data.get("requires_python", ""))
        assert python.contains("3.11.4"), f"{name} {version} needs Python {python}"


@hint("Follow `requires` in the index from package to package until nothing new turns up.")
def test_lock_is_complete(student: Student) -> None:
    """requirements.txt has all that is needed, directly or through others"""
    pins, wanted, _ = needed(student)
    for who, requirement in wanted:
        # What an import needs is for the student to find out; what a package needs stands in the index.
        what = "a distribution" if who.startswith("src/") else requirement.name
        ensure(canonicalize_name(requirement.name) in pins, f"{who} needs {what}, and requirements.txt does not pin it")


@hint(
    "Two packages may each allow a range of a third: look for a version that both allow, or step one of the two back."
)
def test_lock_is_consistent(student: Student) -> None:
    """No requirement is contradicted by another line of requirements.txt"""
    pins, wanted, reached = needed(student)
    ensure({"numpy", "scikit-learn", "matplotlib"} <= reached, "too little is pinned to be compared")
    for who, requirement in wanted:
        version = pins.get(canonicalize_name(requirement.name))
        if version is not None:
            fits = requirement.specifier.contains(version, prereleases=True)
            assert fits, f"{who} requires {requirement}, but {version} is pinned"


@hint(
    "A dump of your own environment holds what you once tried. Start from the dependencies and take only what follows."
)
def test_lock_holds_nothing_more(student: Student) -> None:
    """requirements.txt holds nothing that the project does not need at run time"""
    pins, _, reached = needed(student)
    extra = sorted(pins.keys() - reached)
    assert not extra, f"nothing needs these at run time on Linux with Python 3.11: {', '.join(extra)}"


@hint("The lock is one point within the ranges of pyproject.toml: change the two together.")
def test_lock_agrees_with_the_ranges(student: Student) -> None:
    """The versions in requirements.txt are within the ranges of pyproject.toml"""
    pins = read_pins(student)
    for requirement in Project(student).dependencies:
        name = canonicalize_name(requirement.name)
        if applies(requirement, TARGET):
            ensure(name in pins, f"{name} is a dependency, and requirements.txt does not pin it")
            assert requirement.specifier.contains(pins[name]), f"{requirement} is declared, but {pins[name]} is pinned"


# ----------------------------------------------------------------------------------------------------- environment.yml


def conda_range(specification: str) -> SpecifierSet:
    """Conda's way of writing versions as Python's: `=3.11` and a bare `3.11` mean the whole series.

    A build may stand behind the version, and all of it may stand in brackets: `[version="3.11.*", build=*_cpython]`.
    """
    text = specification.strip()
    if text.startswith("["):
        version = re.search(r"version\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^,\]]*))", text)
        text = next((part for part in version.groups() if part), "") if version else ""
    text = text.split(" ")[0] if text[:1].isdigit() else text.replace(" ", "")
    series = re.fullmatch(r"=?(\d+(?:\.\d+)*)(?:\.?\*)?(?:=[\w.*]+)?", text)
    return SpecifierSet(f"=={series[1]}.*" if series else text)


@hint("Conda brings Python and pip; an entry `pip:` hands the rest to pip, which can read a file of requirements.")
def test_conda_environment(student: Student) -> None:
    """environment.yml makes Python 3.11 from conda-forge, and lets pip install the lock"""
    try:
        file = read_yaml(student.read("environment.yml"))
    except yaml.YAMLError as error:
        raise AssertionError(f"environment.yml is not valid YAML: {error}") from None
    assert isinstance(file, dict), "environment.yml is not a mapping"
    assert file.get("name") == "leafcount", f"the environment is named {file.get('name')!r}"
    channels = file.get("channels")
    assert isinstance(channels, list), f"channels: {channels!r} is not a list"
    order = [re.sub(r"https?://conda\.anaconda\.org/", "", str(channel)).rstrip("/") for channel in channels]
    ensure("conda-forge" in order, f"channels: {channels!r} lacks conda-forge")
    with hint("Conda takes a package from the first channel in the list that has it."):
        first = next(channel for channel in order if channel != "nodefaults")
        assert first == "conda-forge", f"packages would come from the channel {first}, which stands before conda-forge"
    ensure("prefix" not in file, "prefix is a path on your machine")
    entries = file.get("dependencies")
    assert isinstance(entries, list), "environment.yml has no list of dependencies"
    packages: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, str):
            name, rest = re.match(r"(?:[\w.-]+::)?([\w.-]*)(.*)", entry, re.DOTALL).groups()  # type: ignore[union-attr]
            packages[canonicalize_name(name)] = rest
    ensure("python" in packages, "dependencies do not name python")
    try:
        python = conda_range(packages["python"])
    except InvalidSpecifier:
        raise AssertionError(f"python{packages['python']} is not a version that conda understands") from None
    in_series = any(python.contains(version) for version in ("3.11", *(f"3.11.{n}" for n in range(20))))
    assert in_series, f"python{packages['python']} leaves out Python 3.11"
    for version in ("3.10.15", "3.12.1", "3.13.0"):
        assert not python.contains(version), f"python{packages['python']} lets in {version}"
    ensure("pip" in packages, "dependencies do not name pip itself")
    other = sorted(packages.keys() - {"python", "pip"})
    assert not other, f"these are in the lock, or not needed: {', '.join(other)}"
    by_pip = [line for entry in entries if isinstance(entry, dict) for line in entry.get("pip") or []]
    reads_lock = [
        line for line in by_pip if re.fullmatch(r"(-r|--requirement)[ =]?\s*(\./)?requirements\.txt", str(line))
    ]
    assert reads_lock, f"pip is not told to install requirements.txt; its list is {by_pip}"
    rest = [line for line in by_pip if line not in reads_lock and not str(line).startswith(("-e", "--", "."))]
    assert not rest, f"these are written down a second time: {rest}"
