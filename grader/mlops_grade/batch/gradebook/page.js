"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const MARKS = { "passed": "✓", "not passed": "✗", "untouched": "·", "too late": "L", "not run": "–", "open": "?", "not collected": "∅", "grader error": "!" };
  const moduleAt = new Map(data.modules.map((module, at) => [module.id, at]));
  const studentOf = new Map(data.students.map((student) => [student.id, student]));
  const view = { text: "", result: "", session: "", state: "", sort: "", down: false };

  // Everything a student wrote goes through here: as text, never as markup.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }
  const kind = (state) => state.replace(" ", "-").replace("grader-error", "open");
  const badge = (state) => make("span", { class: `badge ${kind(state)}` }, state);
  const mark = (state) => make("span", { class: `mark ${kind(state)}`, "aria-hidden": "true" }, MARKS[state]);
  const hidden = (text) => make("span", { class: "hidden" }, text);
  const link = (text, ...parts) => make("a", { href: "#/" + parts.map(encodeURIComponent).join("/") }, text);
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const compare = new Intl.Collator("en", { numeric: true }).compare;

  function say(text) { document.getElementById("announce").textContent = text; }

  // The heat map

  const RANK = ["passed", "too late", "open", "not passed", "not run", "untouched", "not collected"];
  function shownModules() { return data.modules.filter((module) => !view.session || module.session === view.session); }
  function shownStudents() {
    const words = view.text.toLowerCase();
    const wanted = shownModules().map((module) => moduleAt.get(module.id));
    const rows = data.students.filter((student) =>
      (!words || `${student.id} ${student.name}`.toLowerCase().includes(words)) &&
      (!view.result || student.result === view.result) &&
      (!view.state || wanted.some((at) => student.cells[at][0] === view.state)));
    const at = moduleAt.get(view.sort);
    const orders = {
      student: (a, b) => compare(a.id, b.id),
      result: (a, b) => RANK.indexOf(a.result) - RANK.indexOf(b.result),
      core: (a, b) => b.core - a.core,
    };
    const order = orders[view.sort] || (at === undefined ? null : (a, b) => RANK.indexOf(a.cells[at][0]) - RANK.indexOf(b.cells[at][0]));
    if (order) rows.sort(view.down ? (a, b) => order(b, a) : order);
    return rows;
  }

  function sorter(key, label, inner) {
    const current = view.sort === key;
    const button = make("button", { type: "button" }, inner, hidden(`sort by ${label}`), current ? (view.down ? "▾" : "▴") : "↕");
    button.addEventListener("click", () => {
      view.down = current ? !view.down : false;
      view.sort = key;
      drawMap();
      const again = main.querySelector(`th[data-key="${key}"] button`);
      if (again) again.focus();
      say(`Sorted by ${label}, ${view.down ? "descending" : "ascending"}`);
    });
    return button;
  }
  const ariaSort = (key) => (view.sort === key ? (view.down ? "descending" : "ascending") : null);

  function drawMap() {
    const modules = shownModules(), students = shownStudents();
    const head = make("tr", {},
      make("th", { scope: "col", "data-key": "student", "aria-sort": ariaSort("student") }, sorter("student", "student", "Student ")),
      make("th", { scope: "col", class: "wide", "data-key": "result", "aria-sort": ariaSort("result") }, sorter("result", "result", "Result ")),
      make("th", { scope: "col", class: "wide", "data-key": "core", "aria-sort": ariaSort("core") }, sorter("core", "core modules passed", "Core ")),
      modules.map((module) => {
        const to = link(module.id, "module", module.id);
        to.title = `${module.title} (${module.session}, ${module.core ? "core" : "optional"})`;
        to.append(hidden(` ${module.title}`));
        return make("th", { scope: "col", "data-key": module.id, class: module.core ? null : "optional", "aria-sort": ariaSort(module.id) }, to, sorter(module.id, module.id, ""));
      }));
    const core = data.modules.filter((module) => module.core).length;
    const body = make("tbody", {}, students.map((student) => make("tr", {},
      make("th", { scope: "row" }, link(student.name ? `${student.id} · ${student.name}` : student.id, "student", student.id)),
      make("td", { class: "result" }, badge(student.result)),
      make("td", { class: "core" }, `${student.core}/${core}`),
      modules.map((module) => {
        const [state] = student.cells[moduleAt.get(module.id)];
        const to = link(MARKS[state], "student", student.id, module.id);
        to.className = kind(state);
        to.tabIndex = -1;
        to.setAttribute("aria-label", `${student.id}, ${module.id}: ${state}`);
        return make("td", {}, to);
      }))));
    const table = make("table", { class: "map", "aria-label": "Students and modules. Arrow keys move between cells, Enter opens a verdict." }, make("thead", {}, head), body);
    table.addEventListener("keydown", walk);
    const first = body.querySelector("td a");
    if (first) first.tabIndex = 0;
    document.getElementById("map").replaceChildren(table);
    document.getElementById("shown").textContent = `${plural(students.length, "student")} shown`;
  }

  // One stop of the Tab key for the whole map; arrows, Home, End, Page Up and Page Down inside it.
  function walk(event) {
    const cell = event.target.closest("td, th"), row = cell && cell.parentElement;
    if (!row || !row.parentElement.matches("tbody")) return;
    const rows = row.parentElement.rows, x = cell.cellIndex, y = row.sectionRowIndex, page = 15;
    const moves = { ArrowRight: [x + 1, y], ArrowLeft: [x - 1, y], ArrowDown: [x, y + 1], ArrowUp: [x, y - 1], PageDown: [x, y + page], PageUp: [x, y - page],
      Home: event.ctrlKey ? [x, 0] : [3, y], End: event.ctrlKey ? [x, rows.length - 1] : [row.cells.length - 1, y] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const target = rows[Math.min(Math.max(move[1], 0), rows.length - 1)].cells[Math.min(Math.max(move[0] === 1 || move[0] === 2 ? (move[0] < x ? 0 : 3) : move[0], 0), row.cells.length - 1)];
    const to = target && target.querySelector("a");
    if (!to) return;
    for (const old of event.currentTarget.querySelectorAll('td a[tabindex="0"]')) old.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function choice(label, name, options) {
    const select = make("select", { id: `filter-${name}` }, make("option", { value: "" }, "all"), options.map((one) => make("option", { value: one }, one)));
    select.value = view[name];
    select.addEventListener("change", () => { view[name] = select.value; drawMap(); say(document.getElementById("shown").textContent); });
    return make("label", {}, label, select);
  }

  function showMap() {
    const search = make("input", { type: "search", id: "filter-text", autocomplete: "off" });
    search.value = view.text;
    let waiting = 0;
    search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { view.text = search.value; drawMap(); say(document.getElementById("shown").textContent); }, 120);
    });
    const form = make("form", { class: "filter", role: "search", "aria-label": "Filter" },
      make("label", {}, "Student", search),
      choice("Result", "result", ["passed", "not passed", "open", "not collected"]),
      choice("Some module is", "state", RANK),
      choice("Session", "session", [...new Set(data.modules.map((module) => module.session))]),
      make("span", { id: "shown" }));
    form.addEventListener("submit", (event) => event.preventDefault());
    main.replaceChildren(hidden(""), make("h2", { class: "hidden" }, "Students and modules"), form,
      make("ul", { class: "key", "aria-label": "Key" }, RANK.map((state) => make("li", {}, mark(state), state))),
      make("div", { class: "scroll", id: "map" }), extras());
    drawMap();
  }

  function extras() {
    const part = make("div");
    const odd = data.modules.flatMap((module) => module.checks.filter((check) => check.suspicion).map((check) => [module, check]));
    const list = (title, items) => part.append(make("details", { open: items.length <= 12 },
      make("summary", {}, make("strong", {}, title), make("span", { class: "end" }, String(items.length))), make("ul", {}, items)));
    if (odd.length) {
      list("Suspicious checks", odd.map(([module, check]) =>
        make("li", {}, link(`${module.id} ${check.name}`, "module", module.id), `: ${check.suspicion} (${check.failed} of ${check.students})`)));
    }
    if (data.duplicates.length) {
      list("Equal files", data.duplicates.map((group) =>
        make("li", {}, `${group.module}: `, group.students.flatMap((id, at) => [at ? ", " : "", link(id, "student", id, group.module)]), group.solution ? " (equal to the reference solution)" : "")));
    }
    return part;
  }

  // One student

  function facts(pairs) {
    return make("dl", {}, pairs.filter(([, value]) => value !== "" && value !== undefined && value !== null).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
  }

  function checkItem(module, [at, outcome, parts = []]) {
    const check = module.checks[at];
    return make("li", {}, mark(outcome), hidden(`${outcome}: `), make("strong", {}, check.title), check.required ? "" : make("span", { class: "label" }, " (extra, not needed to pass)"),
      parts.flatMap(([label, text]) => [label ? make("div", { class: "label" }, label) : "", make("pre", {}, text)]),
      outcome !== "passed" && check.hint ? make("p", { class: "hint" }, make("span", { class: "label" }, "Hint "), check.hint) : "");
  }

  function verdict(module, unit) {
    const inside = [];
    if (unit.flaky) inside.push(make("p", { class: "warn" }, "The tries disagree: a person has to look at this one."));
    if (unit.remark) inside.push(make("pre", {}, unit.remark));
    for (const note of unit.notes || []) inside.push(make("p", {}, note));
    inside.push(make("ul", { class: "checks" }, unit.checks.map((check) => checkItem(module, check))));
    const from = unit.provenance || {};
    inside.push(facts([["files", unit.digest], ["suite", (from.suite || "").slice(0, 16)], ["grader", from.grader], ["Python", from.python], ["isolation", from.isolation], ["device", from.device],
      ["seed", from.seed], ["time", unit.load], ["tries", unit.tries.map((one) => `${one.outcome} on ${one.host} at ${one.finished}`).join("; ")]]));
    return inside;
  }

  function showStudent(id, opened) {
    const student = studentOf.get(id);
    if (!student) return showMissing(`There is no student ${id} in this cohort.`);
    main.replaceChildren(
      make("nav", { "aria-label": "Back" }, link("← All students", "")),
      make("h2", {}, student.name ? `${student.id} · ${student.name} ` : `${student.id} `, badge(student.result)),
      facts([["core modules", `${student.core} of ${data.modules.filter((module) => module.core).length} passed`], ["repository", student.repository], ["commit", student.commit && `${student.commit} of ${student.committed}`], ["remark", student.remark]]),
      ...data.modules.map((module, at) => {
        const [state, number, said] = student.cells[at];
        const unit = data.units[number];
        const passed = unit ? unit.checks.filter((check) => check[1] === "passed").length : 0;
        const inside = make("div", { class: "inside" });
        const part = make("details", { id: `at-${module.id}` },
          make("summary", {}, make("strong", {}, `${module.id} ${module.title}`), badge(state), make("span", { class: "end" }, unit ? `${passed}/${unit.checks.length} checks · ` : "", module.core ? "core" : "optional")), inside);
        const fill = () => {
          if (inside.childElementCount) return;
          inside.append(...said.map((line) => make("p", { class: "label" }, line)), ...(unit ? verdict(module, unit) : [make("p", {}, "There is nothing to show: the work was not collected.")]), make("p", {}, link(`How the cohort did in ${module.id}`, "module", module.id)));
        };
        part.addEventListener("toggle", fill);
        if (module.id === opened) { fill(); part.open = true; }
        return part;
      }));
    const target = opened && document.getElementById(`at-${opened}`);
    if (target) { target.scrollIntoView({ block: "start" }); target.querySelector("summary").focus(); }
  }

  // One module

  function showModule(id) {
    const at = moduleAt.get(id), module = data.modules[at];
    if (!module) return showMissing(`There is no module ${id} in this gradebook.`);
    const counts = new Map(RANK.map((state) => [state, []]));
    for (const student of data.students) counts.get(student.cells[at][0]).push(student);
    const most = Math.max(1, ...module.checks.map((check) => check.failed || 0));
    main.replaceChildren(
      make("nav", { "aria-label": "Back" }, link("← All students", "")),
      make("h2", {}, `${module.id} ${module.title} (${module.session}, ${module.core ? "core" : "optional"})`),
      make("ul", { class: "key", "aria-label": "Results" }, RANK.filter((state) => counts.get(state).length).map((state) => make("li", {}, mark(state), `${counts.get(state).length} ${state}`))),
      make("h3", {}, "What each check caught"),
      make("table", { class: "plain" },
        make("thead", {}, make("tr", {}, ["Check", "Failed", "Of", "Alone", "Separates", ""].map((text, at) => make("th", { scope: "col", class: at ? "number" : null }, text)))),
        make("tbody", {}, module.checks.map((check) => make("tr", {},
          make("th", { scope: "row" }, check.title, make("div", { class: "label" }, check.name, check.required ? "" : " (extra)"), check.suspicion ? make("div", { class: "warn" }, check.suspicion) : ""),
          make("td", { class: "number" }, String(check.failed ?? "")), make("td", { class: "number" }, String(check.students ?? "")), make("td", { class: "number" }, String(check.alone ?? "")),
          make("td", { class: "number" }, check.separates === null || check.separates === undefined ? "–" : check.separates.toFixed(2)),
          make("td", {}, bar((check.failed || 0) / most)))))),
      make("p", { class: "label" }, "Failed: of the students who changed the skeleton. Alone: it was the only check that they failed. Separates: correlation with the student’s share of all other checks; near 1 tells strong from weak, below 0 is odd."),
      ...["open", "not passed", "too late", "not run"].filter((state) => counts.get(state).length).flatMap((state) => [
        make("h3", {}, `${state}: ${counts.get(state).length}`),
        make("p", {}, counts.get(state).flatMap((student, place) => [place ? ", " : "", link(student.id, "student", student.id, id)]))]));
  }

  function bar(share) {
    const element = make("span", { class: "bar", "aria-hidden": "true" });
    element.style.width = `${Math.round(share * 100)}px`;
    return element;
  }

  function showMissing(text) { main.replaceChildren(make("nav", {}, link("← All students", "")), make("p", {}, text)); }

  function show() {
    if (location.hash === "#main") return;
    const [what, id, more] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    if (what === "student") showStudent(id, more);
    else if (what === "module") showModule(id);
    else showMap();
    document.title = `${what ? `${id} · ` : ""}${data.cohort} · gradebook`;
    if (!(what === "student" && more)) { window.scrollTo(0, 0); if (show.again) main.focus(); }
    show.again = true;
  }

  const results = ["passed", "not passed", "open", "not collected"].map((result) => [data.students.filter((student) => student.result === result).length, result]);
  document.getElementById("counts").textContent = `${plural(data.students.length, "student")}: ` + results.filter(([count]) => count).map(([count, result]) => `${count} ${result}`).join(", ");
  document.getElementById("generated").textContent = `Written ${data.generated.replace("T", " ").replace("+00:00", " UTC")}.`;
  window.addEventListener("hashchange", show);
  show();
})();
