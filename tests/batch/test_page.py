"""The gradebook's page in a real browser: by mouse, by keyboard, and running no code but its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops_grade.batch.gradebook.changes import Change, Changes
from mlops_grade.batch.gradebook.handout import write_handout
from mlops_grade.batch.gradebook.page import shell, write_page
from mlops_grade.batch.quality import check_quality, duplicates
from sample_book import sample_book

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)"),
]
ROWS = "table.map tbody tr[data-row]"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PLACES = ("#/", "#/student/s260001", "#/student/s260001/m02", "#/module/m02", "#/?hide=1&state=open")


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
    state = book.rows[2].cells["m03"].state
    changes = Changes(datetime(2027, 1, 14, 3, tzinfo=UTC), (Change("s260002", "m03", "not graded", state),))
    write_page(book, check_quality(book), duplicates(book), folder / "index.html", changes)
    write_handout(book, book.rows[1], folder / "handout.html")
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
    page.wait_for_selector(ROWS)
    yield page
    page.close()
    assert errors == []


def names(page) -> list[str]:
    return page.locator("table.map tbody th").all_inner_texts()


def go(page, place: str) -> None:
    """Open an address of the page anew, as from a bookmark."""
    file = page.url.split("#")[0]
    page.goto("about:blank")
    page.goto(file + place)


def unfold(page) -> None:
    """Open the parts below the map, and wait for what stands in them."""
    page.evaluate("document.querySelectorAll('#figures details').forEach((part) => { part.open = true })")
    sync_api.expect(page.locator("#figures .inside:empty")).to_have_count(0)


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent")


def test_the_map_has_every_student_and_every_module(page) -> None:
    assert page.locator("table.map").get_attribute("aria-rowcount") == "62", "60 students, a head, the totals"
    seen = set()
    for _ in range(20):
        seen |= set(names(page))
        page.locator("#map").evaluate("box => { box.scrollTop += box.clientHeight / 2 }")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert {name.split()[0] for name in seen} == {f"s{26_0000 + number}" for number in range(60)}
    assert page.locator("table.map thead th").count() == 3 + 12
    label = page.locator("table.map tbody td a").first.get_attribute("aria-label")
    assert re.fullmatch(r"s2600\d\d, m01: (passed|not passed|open|untouched)", label)


def test_a_click_leads_to_the_student_s_verdict(page) -> None:
    cell = page.locator('table.map a[aria-label$=": not passed"]').first
    student, module = re.fullmatch(r"(\w+), (\w+): not passed", cell.get_attribute("aria-label")).groups()
    cell.click()
    page.wait_for_selector("details[open]")
    opened = page.locator("details[open]")
    assert page.locator("h2").inner_text().startswith(student)
    sync_api.expect(page.locator("h2")).to_be_in_viewport(ratio=1)
    sync_api.expect(opened.locator("summary")).to_be_in_viewport(ratio=1)
    assert opened.get_attribute("id") == f"at-{module}"
    text = opened.inner_text()
    assert "expected" in text
    assert "Read the second task again." in text
    page.go_back()
    page.wait_for_selector(ROWS)
    assert focused(page) == f"{student}, {module}: not passed", "back where it was left"


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
    sync_api.expect(page.locator(ROWS)).to_have_count(10)
    sync_api.expect(page.locator("#announce")).to_have_text("10 students shown")
    page.get_by_label("Session").select_option("s1")
    assert page.locator("table.map thead th").count() < 3 + 12
    page.get_by_label("Result").select_option("not collected")
    assert names(page) == []


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("s260007", 1),
        ("ada.S260005@EXAMPLE.org", 1),
        ("mail: elif.", 12),
        ("name: ada lund", 12),
        ("id:s26001, s260003; dana.s260008", 12),
        ("name: s26", 0),
    ],
)
def test_students_are_found_by_id_name_and_e_mail(page, words: str, count: int) -> None:
    page.get_by_label("Student", exact=True).fill(words)
    sync_api.expect(page.locator("#shown")).to_have_text(f"{count} student{'' if count == 1 else 's'} shown")


def test_a_reload_keeps_filter_and_order(page) -> None:
    page.get_by_label("Result").select_option("not passed")
    page.get_by_label("Session").select_option("s2")
    page.locator('th[data-key="core"]').get_by_role("button").click()
    before = names(page), page.locator("#shown").inner_text()
    page.reload()
    page.wait_for_selector(ROWS)
    assert (names(page), page.locator("#shown").inner_text()) == before
    assert page.get_by_label("Session").input_value() == "s2"
    page.locator("table.map tbody td a").first.click()
    page.wait_for_selector("details[open][id^=at]")
    page.get_by_role("link", name="All students").click()
    page.wait_for_selector(ROWS)
    assert (names(page), page.locator("#shown").inner_text()) == before


def test_an_address_that_nobody_wrote_is_no_error(page) -> None:
    go(page, "#/?result=nonsense&sort=m99&session=%E0%A4%A")
    page.wait_for_selector(ROWS)
    assert page.locator("#shown").inner_text() == "60 students shown"
    go(page, "#/student/%E0%A4%A")
    assert "There is no student" in page.locator("main").inner_text()


def test_columns_sort_and_tell_screen_readers(page) -> None:
    header = page.locator('th[data-key="core"]')
    header.get_by_role("button").click()
    counts = [int(text.split("/")[0]) for text in page.locator("tbody td.core").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert page.locator('th[data-key="core"]').get_attribute("aria-sort") == "ascending"
    page.locator('th[data-key="core"]').get_by_role("button").click()
    assert page.locator('th[data-key="core"]').get_attribute("aria-sort") == "descending"


def test_the_map_is_one_stop_of_the_tab_key(page) -> None:
    stops = []
    for _ in range(9):
        page.keyboard.press("Tab")
        stops.append(focused(page))
    assert stops[0] == "Skip to the content"
    cell = next(at for at, stop in enumerate(stops) if stop.startswith("s260000, m01: "))
    assert cell <= 7, stops
    assert page.evaluate("document.activeElement.closest('#map')") is None, "the next stop lies behind the map"


def test_the_keyboard_reaches_everything(page) -> None:
    page.locator("table.map tbody td a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert focused(page).startswith("s260001, m02: ")
    page.keyboard.press("End")
    assert focused(page).startswith("s260001, m12: ")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert focused(page).startswith("s260001 "), "left of the first cell is the student"
    page.keyboard.press("ArrowRight")
    assert page.locator('#map [tabindex="0"]').count() == 1
    page.keyboard.press("Control+End")
    assert focused(page).startswith("s260059, m01: "), "rows that were not drawn are reached as well"
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    assert "sort by m01" in focused(page)
    page.keyboard.press("ArrowUp")
    assert focused(page).startswith("m01")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert focused(page).startswith("s260001, m01: ")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("h2")).to_contain_text("s260001")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the verdict that was asked for has the focus"


def test_the_arrows_go_on_from_a_row_that_was_scrolled_away(page) -> None:
    page.locator("table.map tbody td a").first.focus()
    page.locator("#map").evaluate("box => { box.scrollTop = box.scrollHeight }")
    page.wait_for_selector('tr[data-row="59"]')
    sync_api.expect(page.locator('tr[data-row="0"]')).to_have_count(0)
    page.keyboard.press("ArrowDown")
    assert focused(page).startswith("s260001, m01: ")


def test_next_and_previous_follow_filter_and_order(page) -> None:
    go(page, "#/student/s260010/m02?text=s26001&sort=student&down=1")
    assert "10 of 10" in page.locator("nav").inner_text()
    page.get_by_role("link", name="Previous student").click()
    sync_api.expect(page.locator("h2")).to_contain_text("s260011")
    assert page.locator("details[open]").get_attribute("id") == "at-m02", "the same module is open"
    assert focused(page) == "‹ Previous student", "and the next press of Enter goes on"
    assert page.get_by_role("link", name="Next student").count() == 1


def test_the_repository_is_a_link_where_it_has_an_address(page) -> None:
    go(page, "#/student/s260001")
    link = page.get_by_role("link", name="git.example.org")
    assert link.get_attribute("href") == "https://git.example.org/s260001/exercises"
    commit = page.get_by_role("link", name="ffffffffffff")
    assert commit.get_attribute("href") == "https://git.example.org/s260001/exercises/commit/ffffffffffff"


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("git@git.example.org:team/work.git", "https://git.example.org/team/work"),
        ("ssh://git@git.example.org:2222/team/work", "https://git.example.org/team/work"),
        ("https://ada:s3cret@git.example.org/work.git", "https://git.example.org/work"),
        ("javascript:alert(1)", None),
        ("/srv/forks/ada", None),
        ("C:\\forks\\ada", None),
    ],
)
def test_only_addresses_of_the_web_become_links(page, page_file, tmp_path, repository: str, address: str) -> None:
    text = page_file.read_text(encoding="utf-8")
    changed = text.replace("https://git.example.org/s260001/exercises.git", repository.replace("\\", "\\\\"))
    (tmp_path / "page.html").write_text(changed, encoding="utf-8")
    page.goto(f"{(tmp_path / 'page.html').as_uri()}#/student/s260001")
    links = [link.get_attribute("href") for link in page.locator("dl a").all()]
    assert links == ([address, f"{address}/commit/ffffffffffff"] if address else [])


def test_hidden_names_are_nowhere_on_the_page(page) -> None:
    page.get_by_label("Hide names").check()
    for step in ("map", "student", "module"):
        if step == "student":
            page.locator("table.map tbody td a").first.click()
            page.wait_for_selector("details[open][id^=at]")
        if step == "module":
            page.get_by_role("link", name="How the cohort did").click()
            page.wait_for_selector("table.checks")
        labels = page.evaluate("[...document.querySelectorAll('[aria-label],[href]')].map(e => e.outerHTML).join()")
        shown = page.locator("body").inner_text() + labels + page.url + page.title()
        assert not re.search(r"s260\d{3}|Ada|Chidi|example\.org", shown), step
    page.get_by_label("Hide names").uncheck()
    page.get_by_role("link", name="All students").click()
    page.wait_for_selector(ROWS)
    assert names(page)[0].startswith("s260000")


def test_hidden_names_stand_in_another_order_than_the_roster(page) -> None:
    page.get_by_label("Hide names").check()
    assert names(page)[0] == "Student 1"
    order = page.evaluate("""() => { const data = JSON.parse(document.getElementById("data").textContent);
        const core = [...document.querySelectorAll("tbody td.core")].map((cell) => parseInt(cell.textContent));
        return [core, data.students.slice(0, core.length).map((student) => student.core)]; }""")
    assert order[0] != order[1]


def test_totals_are_those_of_the_students_shown(page) -> None:
    page.get_by_label("Student", exact=True).fill("s26000")
    sync_api.expect(page.locator(ROWS)).to_have_count(10)
    passed = page.locator('tbody td:nth-child(4) a[aria-label$=": passed"]').count()
    assert page.locator("tfoot td").nth(2).inner_text() == str(passed)
    page.locator("#totals summary").click()
    assert page.locator("#totals tbody tr").first.locator("td").first.inner_text() == str(passed)
    bins = [int(text) for text in page.locator("#histogram td.number").all_inner_texts()]
    assert (len(bins), sum(bins)) == (8 + 1, 10)


def test_what_changed_since_the_last_run_is_marked_and_listed(page) -> None:
    cell = page.locator("table.map a.changed")
    assert re.fullmatch(r"s260002, m03: .*, was not graded", cell.get_attribute("aria-label"))
    listed = page.locator("#changes")
    assert "2027-01-14 03:00" in listed.inner_text()
    listed.get_by_role("link", name="s260002").click()
    page.wait_for_selector("details[open][id^=at]")
    assert page.locator("details[open]").get_attribute("id") == "at-m03"


def test_a_module_s_page_tells_what_its_checks_caught(page) -> None:
    page.locator("table.map thead").get_by_role("link", name="m02").click()
    page.wait_for_selector("table.checks")
    assert page.locator("h2").inner_text().startswith("m02 Topic 2")
    rows = page.locator("table.plain tbody tr")
    assert rows.count() == 8
    assert int(rows.nth(7).locator("td").first.inner_text()) > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    ratios = page.evaluate(CONTRAST)
    assert min(ratios)[0] >= 4.5, min(ratios)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing(page, place: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    go(page, place)
    unfold(page)
    violations = axe.Axe().run(page).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"]) for found in violations] == []


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_wider_than_a_phone(page, place: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    go(page, place)
    unfold(page)
    assert page.evaluate(WIDER) == 0


def test_the_hand_out_is_sound_as_well(page, page_file: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(page_file.with_name("handout.html").as_uri())
    assert page.evaluate(WIDER) == 0
    assert axe.Axe().run(page).response["violations"] == []


def test_an_unknown_address_says_so(page) -> None:
    page.goto(f"{page.url.split('#')[0]}#/student/nobody")
    assert "no student nobody" in page.locator("main").inner_text()


def test_it_prints_every_row_whole_and_without_its_controls(page) -> None:
    page.set_viewport_size({"width": 1000, "height": 700})
    page.locator("#map").evaluate("box => { box.scrollTop = 400 }")
    page.wait_for_selector('tr[data-row="30"]')
    before = page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.row)")
    page.emulate_media(media="print")
    sync_api.expect(page.locator(ROWS)).to_have_count(60)
    assert not page.locator("form.filter").is_visible()
    assert page.evaluate(WIDER) == 0
    right = page.locator("table.map").evaluate("table => table.getBoundingClientRect().right")
    assert right <= 1000, "no column is cut off"
    page.emulate_media(media="screen")
    sync_api.expect(page.locator('tr[data-row="59"]')).to_have_count(0)
    assert page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.row)") == before, "as it was left"


def test_a_printed_student_has_the_messages(page) -> None:
    go(page, "#/student/s260001")
    page.emulate_media(media="print")
    open_ = page.locator("details[open]")
    sync_api.expect(open_).not_to_have_count(0)
    assert set(open_.evaluate_all("all => all.map(one => one.dataset.state)")) <= {"not passed", "open"}
    assert "Read the second task again." in open_.first.inner_text()
    page.emulate_media(media="screen")
    sync_api.expect(open_).to_have_count(0)


def test_the_elements_do_not_grow_with_the_cohort(browser, tmp_path: Path) -> None:
    counts = []
    for students in (100, 400):
        book = sample_book(tmp_path / str(students), students=students, modules=31)
        write_page(book, [], [], tmp_path / f"{students}.html")
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto((tmp_path / f"{students}.html").as_uri())
        page.wait_for_selector(ROWS)
        counts.append(page.locator("*").count())
        page.close()
    assert counts[0] == counts[1]
    assert counts[0] < 3000, "48,582 at 500 students when each row was drawn"


def test_the_policy_allows_its_own_script_and_no_other() -> None:
    text = shell("<b>cohort</b>")
    assert "default-src &#39;none&#39;" in text
    assert "unsafe" not in text
    assert "<b>" not in text
