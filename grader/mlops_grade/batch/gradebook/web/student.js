// One student: the course's result, and each module's verdict with everything there is to say about it.

// Where a repository can be looked at: an https address or an SSH one of a host; null for a path. No credentials.
function webAddress(repository) {
  const ssh = /^(?:ssh:\/\/)?git@([\w.-]+)[:/](?:\d+\/)?(.+)$/.exec(repository);
  try {
    const url = new URL(ssh ? `https://${ssh[1]}/${ssh[2]}` : repository);
    if (!["http:", "https:"].includes(url.protocol)) return null;
    return `${url.origin}${url.pathname}`.replace(/(\.git)?\/*$/, "");
  } catch { return null; }
}

function outward(text, to) { return to ? make("a", { href: to, rel: "noreferrer" }, text) : text; }

function checkItem(student, module, [at, outcome, parts = []]) {
  const check = module.checks[at], extra = make("span", { class: "label" }, " (extra, not needed to pass)");
  return make("li", {}, mark(outcome), hidden(`${outcome}: `), make("strong", {}, check.title), check.required ? "" : extra,
    parts.flatMap(([label, text]) => [label ? make("div", { class: "label" }, label) : "", make("pre", {}, masked(student, text))]),
    outcome !== "passed" && check.hint ? make("p", { class: "hint" }, make("span", { class: "label" }, "Hint "), check.hint) : "");
}

function verdict(student, module, unit) {
  const inside = [];
  if (unit.flaky) inside.push(make("p", { class: "warn" }, "The tries disagree: a person has to look at this one."));
  if (unit.remark) inside.push(make("pre", {}, masked(student, unit.remark)));
  for (const note of unit.notes || []) inside.push(make("p", {}, masked(student, note)));
  inside.push(make("ul", { class: "checks" }, unit.checks.map((check) => checkItem(student, module, check))));
  const from = unit.provenance || {}, tries = unit.tries.map((one) => `${one.outcome} on ${one.host} at ${one.finished}`);
  inside.push(facts([["files", unit.digest], ["suite", (from.suite || "").slice(0, 16)], ["grader", from.grader],
    ["Python", from.python], ["isolation", from.isolation], ["device", from.device], ["seed", from.seed],
    ["time", unit.load], ["tries", tries.join("; ")]]));
  return inside;
}

function modulePart(student, module) {
  const [state, number, said] = student.cells[moduleAt.get(module.id)], unit = data.units[number];
  const passed = unit ? unit.checks.filter((check) => check[1] === "passed").length : 0;
  const inside = make("div", { class: "inside" });
  const element = make("details", { id: `at-${module.id}`, "data-state": state },
    make("summary", {}, make("strong", {}, `${module.id} ${module.title}`), badge(state),
      make("span", { class: "end" }, unit ? `${passed}/${unit.checks.length} checks · ` : "", module.core ? "core" : "optional")),
    inside);
  const nothing = state === "not graded" ? "No run has graded this module yet." : "There is nothing to show: the work was not collected.";
  element.fill = () => {
    if (inside.childElementCount) return;
    inside.append(...said.map((line) => make("p", { class: "label" }, masked(student, line))),
      ...(unit ? verdict(student, module, unit) : [make("p", {}, nothing)]),
      make("p", { class: "screen" }, link(`How the cohort did in ${module.id}`, "module", module.id)));
  };
  element.addEventListener("toggle", element.fill);
  return element;
}

// Back, and to the neighbours in the order and with the filters of the map; an opened module stays opened.
function steps(one, all, to, word) {
  const at = all.indexOf(one), before = all[at - 1], after = all[at + 1];
  const step = (item, text, rel) => {
    if (!item) return make("span", { class: "label" }, text);
    const element = to(text, item);
    element.rel = rel;
    element.addEventListener("click", () => { show.step = rel; });
    return element;
  };
  return make("nav", { "aria-label": `Back and to other ${word}s` }, link("← All students", ""),
    at < 0 ? "" : [step(before, `‹ Previous ${word}`, "prev"), step(after, `Next ${word} ›`, "next"),
      make("span", { class: "label" }, `${at + 1} of ${all.length}`)]);
}

function studentFacts(student) {
  const web = webAddress(student.repository), own = view.hide ? [] : [
    ["e-mail", student.email],
    ["repository", student.repository && outward(web || student.repository, web)],
    ["commit", student.commit && make("span", {}, outward(student.commit, web && `${web}/commit/${student.commit}`), ` of ${student.committed}`)],
  ];
  return facts([["core modules", `${student.core} of ${core} passed`], ...own, ["remark", masked(student, student.remark)]]);
}

function showStudent(key, wanted) {
  const student = findStudent(key);
  if (!student) return showMissing(`There is no student ${key} in this cohort.`);
  if (keyOf(student) !== key) keepAddress("student", keyOf(student), ...(wanted ? [wanted] : []));
  const modules = wanted ? [wanted] : [], row = shownStudents().indexOf(student);
  if (row >= 0 && row !== map.at.row) map.at = { ...map.at, row }; // where the way back leads
  main.replaceChildren(
    make("div", { class: "bar-of-names" },
      steps(student, shownStudents(), (text, other) => toStudent(text, other, ...modules), "student"),
      make("h2", {}, `${shownName(student)} `, badge(student.result))),
    studentFacts(student),
    ...data.modules.map((module) => modulePart(student, module)));
  const target = wanted && document.getElementById(`at-${wanted}`);
  if (!target) return shownName(student);
  target.fill();
  target.open = true;
  target.scrollIntoView({ block: "start" });
  target.querySelector("summary").focus({ preventScroll: true });
  return shownName(student);
}

// On paper nothing can be clicked: what is not simply passed is open.
const QUIET = ["passed", "untouched", "not graded", "not collected"];

function openForPaper(paper) {
  for (const element of main.querySelectorAll("details[data-state]")) {
    if (paper && !element.open && !QUIET.includes(element.dataset.state)) {
      element.fill();
      element.open = true;
      element.dataset.paper = "";
    } else if (!paper && element.dataset.paper !== undefined) {
      element.open = false;
      delete element.dataset.paper;
    }
  }
}
