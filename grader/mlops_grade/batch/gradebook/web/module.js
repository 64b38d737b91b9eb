// One module: how the cohort did, and what each of its checks caught.

function checksTable(module) {
  const most = Math.max(1, ...module.checks.map((check) => check.failed || 0));
  const number = (value) => make("td", { class: "number" }, value === undefined || value === null ? "–" : String(value));
  return make("table", { class: "plain checks" },
    make("thead", {}, make("tr", {}, ["Check", "Failed", "Of", "Alone", "Separates", "Share"].map((text, at) =>
      make("th", { scope: "col", class: at === 5 ? "share" : at ? "number" : null }, text)))),
    make("tbody", {}, module.checks.map((check) => make("tr", {},
      make("th", { scope: "row" }, check.title, make("div", { class: "label" }, check.name, check.required ? "" : " (extra)"),
        check.suspicion ? make("div", { class: "warn" }, check.suspicion) : ""),
      number(check.failed), number(check.students), number(check.alone),
      number(typeof check.separates === "number" ? check.separates.toFixed(2) : null),
      make("td", { class: "share" }, bar((check.failed || 0) / most))))));
}

function showModule(id) {
  const at = moduleAt.get(id), module = data.modules[at];
  if (!module) return showMissing(`There is no module ${id} in this gradebook.`);
  const counts = new Map(RANK.map((state) => [state, []]));
  for (const student of view.hide ? numbered : data.students) counts.get(student.cells[at][0]).push(student);
  const count = (state) => counts.get(state).length;
  main.replaceChildren(
    steps(module, data.modules, (text, other) => link(text, "module", other.id), "module"),
    make("h2", {}, `${module.id} ${module.title} (${module.session}, ${module.core ? "core" : "optional"})`),
    make("ul", { class: "key", "aria-label": "Results" }, RANK.filter(count).map((state) => make("li", {}, mark(state), `${count(state)} ${state}`))),
    make("h3", {}, "What each check caught"),
    checksTable(module),
    make("p", { class: "label" }, "Failed: of the students who changed the skeleton. Alone: it was the only check that they failed. Separates: correlation with the student’s share of all other checks; near 1 tells strong from weak, below 0 is odd."),
    ...["open", "not passed", "too late", "not run"].filter(count).flatMap((state) => [
      make("h3", {}, `${state}: ${count(state)}`),
      make("p", {}, some(counts.get(state), (student) => toStudent(shortName(student), student, id)))]));
  return id;
}
