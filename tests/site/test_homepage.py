"""The homepage of this course in a real browser: every link, every width, by keyboard, and asking nobody."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mlops_grade.course.discovery import load_course
from mlops_grade.release.check import hidden_in, marks
from mlops_grade.reports import json_report
from mlops_grade.site.build import build
from mlops_grade.verdict import Check, ModuleVerdict, Outcome, Report

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]
COURSE = load_course(Path(__file__).resolve().parents[2])
M13 = "s4_debugging/m13_profiling/index.html"
LOOKED_AT = ["index.html", "timeplan.html", "s4_debugging/index.html", M13, "progress.html", "find/tools.html"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """No line for each request."""


@dataclass(frozen=True)
class Built:
    """The site as it was built, and where it is served."""

    folder: Path
    address: str

    @property
    def pages(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.html"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("site") / "out"
    build(COURSE, folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Built(folder, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Opened:
    """A page, and what went wrong on it: errors in the console, requests to anybody else."""

    page: Any
    trouble: list[str]


@pytest.fixture
def opened(browser: Any, site: Built) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(120_000)  # ms: a machine may be busy
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: trouble.append(request.url) if _foreign(request.url, site) else None)
    yield Opened(page, trouble)
    context.close()
    assert trouble == []


def _foreign(url: str, site: Built) -> bool:
    return not url.startswith((site.address, "data:", "blob:"))


def test_every_internal_link_and_anchor_leads_somewhere(site: Built) -> None:
    broken = []
    anchors = {page: _anchors(site.folder / page) for page in site.pages}
    for page in site.pages:
        text = (site.folder / page).read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="?([^"\s>]+)', text):
            if re.match(r"[a-z]+:|//", link):
                continue
            path, _, anchor = link.partition("#")
            target = ((site.folder / page).parent / path).resolve() if path else site.folder / page
            name = target.relative_to(site.folder.resolve()).as_posix() if path else page
            if not target.is_file() or (anchor and anchor not in anchors.get(name, {anchor})):
                broken.append(f"{page}: {link}")
    assert broken == []


def _anchors(page: Path) -> set[str]:
    return set(re.findall(r'\b(?:id|name)="?([^"\s>]+)', page.read_text(encoding="utf-8")))


def test_nothing_of_a_suite_or_a_solution_is_on_it(site: Built) -> None:
    shown = {page: (site.folder / page).read_bytes() for page in site.pages}
    public = {
        str(path.relative_to(COURSE.root)): path.read_bytes()
        for session in COURSE.sessions
        for path in session.path.rglob("*")
        if path.is_file() and "hidden" not in path.parts
    }
    assert hidden_in(shown, marks(COURSE, public | _docs())) == []
    assert [path for path in site.folder.rglob("*") if "hidden" in path.parts or path.name.startswith("test_")] == []


def _docs() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (COURSE.root / "docs").glob("*.md")}


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_page_is_wider_than_its_window(opened: Opened, site: Built, width: int) -> None:
    opened.page.set_viewport_size({"width": width, "height": 900})
    wide = []
    for name in site.pages:
        opened.page.goto(site.address + name)
        beyond = opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wide += [f"{name}: {beyond} px"] if beyond > 0 else []
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing(opened: Opened, site: Built, name: str, scheme: str) -> None:
    opened.page.emulate_media(color_scheme=scheme)
    opened.page.goto(site.address + name)
    opened.page.wait_for_function("document.querySelector('[data-md-color-scheme]') !== null")
    violations = axe.Axe().run(opened.page).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []


@pytest.mark.parametrize(("words", "page"), [("torch.profiler", "m13_profiling"), ("sampler", "s9_scaling")])
def test_search_by_keyboard_finds(opened: Opened, site: Built, words: str, page: str) -> None:
    opened.page.goto(site.address)
    box = opened.page.locator("input[role=combobox], input[type=search], [role=dialog] input").first
    while not box.is_visible():  # a key that comes before the page listens is lost
        opened.page.keyboard.press("Control+k")
        opened.page.wait_for_timeout(200)
    opened.page.keyboard.type(words)
    found = opened.page.locator(f"a[role=option][href*='{page}']")  # the navigation's own links are no answers
    found.first.wait_for()
    assert found.first.is_visible()


def report() -> str:
    """Half of a course: m01 passed, m04 not, the rest not in it."""
    module = {module.id: module for module in COURSE.modules}
    failed = Check(name="test_x", title="The <b>loss</b> falls", outcome=Outcome.NOT_PASSED)
    held = Check(name="test_y", title="It trains", outcome=Outcome.PASSED)
    verdicts = tuple(
        ModuleVerdict(
            module=m.id, title=m.title, session=m.session, folder=m.folder, core=m.core, outcome=outcome, checks=checks
        )
        for m, outcome, checks in (
            (module["m01"], Outcome.PASSED, (held,)),
            (module["m04"], Outcome.NOT_PASSED, (held, failed)),
        )
    )
    return json_report.render(Report(verdicts=verdicts, submission="checkout"))


def test_a_report_fills_the_checklist_and_stays_in_the_browser(opened: Opened, site: Built, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(report())
    page = opened.page
    page.goto(f"{site.address}progress.html")
    core = sum(module.core for module in COURSE.modules)
    assert page.inner_text("#progress-tally") == f"0 of {core} core modules"
    page.set_input_files("#report-file", file)
    page.wait_for_function("document.getElementById('progress-message').textContent.includes('2 verdicts')")
    page.reload()
    assert page.inner_text("#progress-tally") == f"1 of {core} core modules"
    assert page.is_checked("#done-m01")
    assert page.locator("#item-m04 .failed li").all_inner_texts() == ["The <b>loss</b> falls"]
    assert page.inner_text("#item-m04 .state") == "not passed: 1 of 2 checks"
    assert page.inner_text("#item-m13 .state") == ""


def test_the_checklist_is_ticked_by_keyboard(opened: Opened, site: Built) -> None:
    page = opened.page
    page.goto(f"{site.address}progress.html")
    page.focus("#done-m01")
    page.keyboard.press("Space")
    page.reload()
    assert page.is_checked("#done-m01")
    page.focus("#forget")
    page.keyboard.press("Enter")
    assert not page.is_checked("#done-m01")


@pytest.mark.parametrize("text", ["no json", json.dumps({"students": []})])
def test_a_file_that_is_no_report_is_told(opened: Opened, site: Built, tmp_path: Path, text: str) -> None:
    file = tmp_path / "notes.json"
    file.write_text(text)
    opened.page.goto(f"{site.address}progress.html")
    opened.page.set_input_files("#report-file", file)
    opened.page.wait_for_function("document.getElementById('progress-message').textContent.includes('is no report')")
    assert "notes.json" in opened.page.inner_text("#progress-message")
