"""What each page of the homepage says: the READMEs as they are, with what the folders tell about them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import jinja2

from mlops_grade.course.discovery import Course, Module, Session
from mlops_grade.course.extras import extra_with
from mlops_grade.errors import UsageError
from mlops_grade.site.commonmark import for_python_markdown
from mlops_grade.site.plan import Day, Plan, session_title, timeplan

GLOSSARY = "docs/glossary.md"
PICTURE = "docs/terminal.svg"  # a real verdict
GUIDES = {  # file in docs/ to its name in the navigation; those that are there are shown
    "students.md": "Students", "instructors.md": "Instructors", "authors.md": "Authors", "cluster.md": "Clusters",
    "security.md": "Security", "coming_from_dtu.md": "Coming from DTU 02476", "house.md": "The grader's house",
    "platforms.md": "Platforms", "changes.md": "What changed",
}  # fmt: skip
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("mlops_grade.site"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # Markdown of the course's own
)


@dataclass(frozen=True)
class Site:
    """Everything that is laid out: texts and files by their path, and the navigation."""

    texts: dict[str, str]
    files: dict[str, Path]
    navigation: list[object]


def pages(course: Course, plan: Plan) -> Site:
    """All pages of a course. Raises UsageError for a session without a README."""
    days = timeplan(plan, course)
    picture = PICTURE if (course.root / PICTURE).is_file() else ""
    texts = {
        "index.md": _render("home.md", plan=plan, sessions=_cards(course, days), core=_core(course), picture=picture),
        "timeplan.md": _render("timeplan.md", plan=plan, days=days, weeks=_weeks(days)),
        "find/tools.md": _render("tools.md", tools=_by_tool(course)),
        "find/objectives.md": _render("objectives.md", objectives=_by_objective(course, plan)),
        "progress.md": _render("progress.md", sessions=_cards(course, days), core=_core(course)),
    }
    generated = frozenset(texts)
    files: dict[str, Path] = {}
    for session in course.sessions:
        for page, text in _session_pages(session):
            texts[page] = text
    guides = {name: title for name, title in GUIDES.items() if (course.root / "docs" / name).is_file()}
    for name in guides:
        texts[f"docs/{name}"] = (course.root / "docs" / name).read_text(encoding="utf-8")
    if (course.root / GLOSSARY).is_file():
        texts[GLOSSARY] = (course.root / GLOSSARY).read_text(encoding="utf-8")
    for page, text in list(texts.items()):
        files |= _linked_files(course.root, page, text, texts)
    texts = {page: _without_dead_ends(course.root, page, text, texts, files) for page, text in texts.items()}
    texts = {page: for_python_markdown(text) if page not in generated else text for page, text in texts.items()}
    return Site(texts, files, _navigation(course, guides, GLOSSARY in texts))


def glossary(course: Course) -> dict[str, str]:
    """Term to explanation, from the definition lists of the glossary; empty without one."""
    file = course.root / GLOSSARY
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = re.findall(r"^([^\s#:].*)\n:   (.+(?:\n    .+)*)", text, re.MULTILINE)
    return {term.strip(): " ".join(explanation.split()) for term, explanation in found}


def _render(template: str, **values: object) -> str:
    return _templates.get_template(f"{template}.jinja").render(**values)


# ------------------------------------------------------------------------------------------------- sessions, modules


def _session_pages(session: Session) -> Iterator[tuple[str, str]]:
    readme = session.path / "README.md"
    if not readme.is_file():
        raise UsageError(f"{readme} is missing: a session needs one, with a title in its first line")
    yield f"{session.path.name}/README.md", readme.read_text(encoding="utf-8")
    for module in session.modules:
        readme = module.path / "README.md"
        if not readme.is_file():
            raise UsageError(f"{readme} is missing: a module needs one, with a title in its first line")
        title, _, rest = readme.read_text(encoding="utf-8").partition("\n")
        facts = _render("facts.md", module=module, extras=_extras(module), commands=_commands(module))
        yield f"{module.folder}/README.md", f"{title}\n\n{facts}\n{rest}"


def _extras(module: Module) -> list[str]:
    packages = [need.removeprefix("package:") for need in module.settings.needs if need.startswith("package:")]
    return sorted({extra for extra in map(extra_with, packages) if extra})


def _commands(module: Module) -> list[str]:
    return [need.removeprefix("command:") for need in module.settings.needs if need.startswith("command:")]


def _core(course: Course) -> int:
    return sum(module.core for module in course.modules)


@dataclass(frozen=True)
class Card:
    """A session as the home page and the checklist show it."""

    session: Session
    title: str
    first_day: Day | None
    modules: tuple[Module, ...]


def _cards(course: Course, days: Iterable[Day]) -> list[Card]:
    first = {day.session.id: day for day in reversed(list(days)) if day.session}
    return [
        Card(session, session_title(session), first.get(session.id), session.modules) for session in course.sessions
    ]


def _weeks(days: Iterable[Day]) -> dict[int, list[Day]]:
    weeks = defaultdict(list)
    for day in days:
        weeks[day.week].append(day)
    return dict(weeks)


# -------------------------------------------------------------------------------------------------------- the finders


def _by_tool(course: Course) -> list[tuple[str, list[Module]]]:
    found: dict[str, list[Module]] = defaultdict(list)
    for module in course.modules:
        for tool in module.settings.tools:
            found[tool].append(module)
    return sorted(found.items(), key=lambda item: item[0].lower())


def _by_objective(course: Course, plan: Plan) -> list[tuple[str, list[Module]]]:
    return [
        (sentence, [module for module in course.modules if name in module.settings.objectives])
        for name, sentence in plan.objectives.items()
    ]


# --------------------------------------------------------------------------------------------------------------- links


def _targets(page: str, text: str) -> Iterator[tuple[str, str]]:
    """Each relative link of a page: as it is written, and the path that it leads to from the root."""
    for written in _LINK.findall(_without_code(text)):
        path = unquote(written.partition("#")[0])
        if path and not _ELSEWHERE.match(written) and not path.startswith("/"):
            yield written, _normal(PurePosixPath(page).parent / path)


def _without_code(text: str) -> str:
    """What stands in code is no link."""
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _linked_files(root: Path, page: str, text: str, texts: dict[str, str]) -> dict[str, Path]:
    """The files that a page links to and a reader may see."""
    found = {}
    for _, target in _targets(page, text):
        file = root / target
        if target not in texts and _public(target) and file.is_file() and not file.is_symlink():
            found[target] = file
    return found


def _public(target: str) -> bool:
    parts = target.split("/")
    return ".." not in parts and "hidden" not in parts and not any(part.startswith(".") for part in parts)


def _without_dead_ends(root: Path, page: str, text: str, texts: dict[str, str], files: dict[str, Path]) -> str:
    """Links out of the site (to a folder of the repository) become plain words; broken ones stay, and are told."""
    for written, target in set(_targets(page, text)):
        if target not in texts and target not in files and (not _public(target) or (root / target).exists()):
            text = re.sub(rf"\[([^\[\]]*)\]\(<?{re.escape(written)}>?\)", r"\1", text)
    return text


# ---------------------------------------------------------------------------------------------------------- navigation


def _navigation(course: Course, guides: dict[str, str], with_glossary: bool) -> list[object]:
    exercises: list[object] = []
    for session in course.sessions:
        entries: list[object] = [f"{session.path.name}/README.md"]
        entries += [{f"{module.id} {module.title}": f"{module.folder}/README.md"} for module in session.modules]
        exercises.append({f"{session.id} {session_title(session)}": entries})
    find: list[object] = [{"Tools": "find/tools.md"}, {"Objectives": "find/objectives.md"}]
    find += [{"Glossary": GLOSSARY}] if with_glossary else []
    navigation: list[object] = [
        {"Home": "index.md"},
        {"Timeplan": "timeplan.md"},
        {"Exercises": exercises},
        {"Find": find},
        {"How far am I": "progress.md"},
    ]
    if guides:
        navigation.append({"Guides": [{title: f"docs/{name}"} for name, title in guides.items()]})
    return navigation


def asset(name: str) -> bytes:
    """A file of the templates that is copied as it is."""
    return resources.files("mlops_grade.site").joinpath("templates", name).read_bytes()
