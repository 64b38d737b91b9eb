"""The gradebook's page in a real browser: by mouse, by keyboard, and running no code but its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_grade.batch.gradebook.page import shell, write_page
from mlops_grade.batch.quality import check_quality, duplicates
from sample_book import sample_book

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]


# The contrast of each text with the ground behind it, as WCAG defines it.
CONTRAST = """() => {
  const linear = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = document.querySelectorAll(".badge, .mark, td a, th a, #counts, label, footer p");
  return [...texts].map((element) => {
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
    return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), element.className || element.tagName];
  });
}"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    book = sample_book(folder, students=60, modules=12)
    write_page(book, check_quality(book), duplicates(book), folder / "index.html")
    return folder / "index.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, page_file: Path):
    """The heat map, freshly opened; a script error, a blocked resource or any request but the file fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: errors.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(page_file.as_uri())
    page.wait_for_selector("table.map tbody tr")
    yield page
    page.close()
    assert errors == []


def names(page) -> list[str]:
    return page.locator("table.map tbody th").all_inner_texts()


def test_the_map_has_every_student_and_every_module(page) -> None:
    assert page.locator("table.map tbody tr").count() == 60
    assert page.locator("table.map thead th").count() == 3 + 12
    label = page.locator("table.map tbody td a").first.get_attribute("aria-label")
    assert re.fullmatch(r"s260000, m01: (passed|not passed|open|untouched)", label)


def test_a_click_leads_to_the_student_s_verdict(page) -> None:
    cell = page.locator('table.map a[aria-label$=": not passed"]').first
    student, module = re.fullmatch(r"(\w+), (\w+): not passed", cell.get_attribute("aria-label")).groups()
    cell.click()
    opened = page.locator("details[open]")
    assert page.locator("h2").inner_text().startswith(student)
    assert opened.get_attribute("id") == f"at-{module}"
    text = opened.inner_text()
    assert "expected" in text
    assert "Read the second task again." in text
    page.go_back()
    assert page.locator("table.map").count() == 1


def test_what_students_wrote_is_never_run(page) -> None:
    address = page.evaluate(
        """() => { const data = JSON.parse(document.getElementById("data").textContent);
        for (const student of data.students) for (const [at, cell] of student.cells.entries())
          if (cell[1] >= 0 && JSON.stringify(data.units[cell[1]]).includes("onerror"))
            return `#/student/${student.id}/${data.modules[at].id}`; }"""
    )
    page.goto(page.url.split("#")[0] + address)
    assert "onerror=" in page.locator("main").inner_text(), "the hostile message is on the page, as text"
    assert page.locator("img").count() == 0
    assert page.title() != "owned"


def test_filters_narrow_the_map_and_say_so(page) -> None:
    page.get_by_label("Student", exact=True).fill("s26000")
    sync_api.expect(page.locator("table.map tbody tr")).to_have_count(10)
    sync_api.expect(page.locator("#announce")).to_have_text("10 students shown")
    page.get_by_label("Session").select_option("s1")
    assert page.locator("table.map thead th").count() < 3 + 12
    page.get_by_label("Result").select_option("not collected")
    assert names(page) == []


def test_columns_sort_and_tell_screen_readers(page) -> None:
    header = page.locator('th[data-key="core"]')
    header.get_by_role("button").click()
    counts = [int(text.split("/")[0]) for text in page.locator("td.core").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert page.locator('th[data-key="core"]').get_attribute("aria-sort") == "ascending"
    page.locator('th[data-key="core"]').get_by_role("button").click()
    assert page.locator('th[data-key="core"]').get_attribute("aria-sort") == "descending"


def test_the_keyboard_reaches_everything(page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.locator("table.map tbody td a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("s260001, m02: ")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("s260001, m12: ")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "s260001", "left of the first cell is the student"
    page.keyboard.press("ArrowRight")
    assert page.locator('table.map td a[tabindex="0"]').count() == 1, "the map is one stop of the Tab key"
    page.keyboard.press("Enter")
    assert page.locator("h2").inner_text().startswith("s260001")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the verdict that was asked for has the focus"


def test_a_module_s_page_tells_what_its_checks_caught(page) -> None:
    page.locator("table.map thead").get_by_role("link", name="m02").click()
    assert page.locator("h2").inner_text().startswith("m02 Topic 2")
    rows = page.locator("table.plain tbody tr")
    assert rows.count() == 8
    assert int(rows.nth(7).locator("td").first.inner_text()) > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    ratios = page.evaluate(CONTRAST)
    assert min(ratios)[0] >= 4.5, min(ratios)


def test_an_unknown_address_says_so(page) -> None:
    page.goto(f"{page.url.split('#')[0]}#/student/nobody")
    assert "no student nobody" in page.locator("main").inner_text()


def test_it_prints_without_its_controls(page) -> None:
    page.emulate_media(media="print")
    assert not page.locator("form.filter").is_visible()
    assert page.locator("table.map").is_visible()


def test_the_policy_allows_its_own_script_and_no_other() -> None:
    text = shell("<b>cohort</b>")
    assert "default-src &#39;none&#39;" in text
    assert "unsafe" not in text
    assert "<b>" not in text
