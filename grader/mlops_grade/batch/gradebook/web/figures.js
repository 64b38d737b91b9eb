// Below the map: what changed, totals, how many core modules people passed, suspicious checks, equal files.

const opened = new Set(["changes", "histogram"]); // parts that stay open when the map is left and drawn again

function part(id, title, end, fill) {
  const inside = make("div", { class: "inside" });
  const element = make("details", { id, open: opened.has(id) },
    make("summary", {}, make("strong", {}, title), make("span", { class: "end" }, end)), inside);
  const draw = () => { if (element.open) inside.replaceChildren(...[fill()].flat()); };
  element.addEventListener("toggle", () => {
    opened[element.open ? "add" : "delete"](id);
    if (!inside.childElementCount) draw();
  });
  draw();
  return { element, draw: () => { inside.replaceChildren(); draw(); } };
}

let live = [];

function figures() {
  const box = make("div", { id: "figures" });
  const histogramPart = part("histogram", "Core modules passed", "of the students shown", () => histogram(map.students));
  const totalsPart = part("totals", "Totals of each module", "of the students shown", () => totals(map.students, map.modules));
  live = [histogramPart, totalsPart];
  const odd = data.modules.flatMap((module) => module.checks.filter((check) => check.suspicion).map((check) => [module, check]));
  const still = [
    data.changes.since && part("changes", `Changed since ${data.changes.since}`, String(data.changes.found.length), changes),
    odd.length && part("suspicious", "Suspicious checks", String(odd.length), () => suspicious(odd)),
    data.duplicates.length && part("equal", "Equal files", String(data.duplicates.length), equalFiles),
  ].filter(Boolean);
  box.append(...[...live, ...still].map((one) => one.element));
  return box;
}

function drawFigures() { for (const one of live) one.draw(); }

function histogram(students) {
  const counts = Array.from({ length: core + 1 }, () => 0);
  for (const student of students) counts[student.core] += 1;
  const most = Math.max(1, ...counts);
  return make("table", { class: "histogram" },
    make("caption", {}, "How many students passed how many core modules"),
    make("thead", {}, make("tr", {}, ["Modules", "Students", ""].map((text) => (text ? make("th", { scope: "col" }, text) : make("td"))))),
    make("tbody", {}, counts.map((count, passed) => make("tr", {},
      make("th", { scope: "row" }, String(passed)), make("td", { class: "number" }, String(count)), make("td", {}, bar(count / most))))));
}

function totals(students, modules) {
  const used = RANK.filter((state) => students.some((student) => student.cells.some(([one]) => one === state)));
  return make("table", { class: "plain totals" },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Module"), used.map((state) => make("th", { scope: "col", class: "number" }, mark(state), hidden(state))))),
    make("tbody", {}, modules.map((module) => {
      const counts = new Map(used.map((state) => [state, 0])), at = moduleAt.get(module.id);
      for (const student of students) counts.set(student.cells[at][0], counts.get(student.cells[at][0]) + 1);
      return make("tr", {}, make("th", { scope: "row" }, link(`${module.id} ${module.title}`, "module", module.id)),
        used.map((state) => make("td", { class: "number" }, String(counts.get(state) || "·"))));
    })));
}

function changes() {
  const groups = new Map();
  for (const [id, module, before, after] of data.changes.found) {
    const key = `${module}\n${before}\n${after}`;
    if (studentOf.has(id)) groups.set(key, [...(groups.get(key) || []), studentOf.get(id)]);
  }
  if (!groups.size) return make("p", {}, "Nothing: every module of every student stands as it did.");
  return make("ul", {}, [...groups].map(([key, students]) => {
    const [module, before, after] = key.split("\n");
    return make("li", {}, make("strong", {}, module), ` from ${before} to `, badge(after), ` (${students.length}): `,
      some(students, (student) => toStudent(shortName(student), student, module)));
  }));
}

function suspicious(odd) {
  return make("ul", {}, odd.map(([module, check]) =>
    make("li", {}, link(`${module.id} ${check.name}`, "module", module.id), `: ${check.suspicion} (${check.failed} of ${check.students})`)));
}

function equalFiles() {
  return make("ul", {}, data.duplicates.map((group) => {
    const students = group.students.map((id) => studentOf.get(id)).filter(Boolean);
    return make("li", {}, `${group.module}: `, some(students, (student) => toStudent(shortName(student), student, group.module)),
      group.solution ? " (equal to the reference solution)" : "");
  }));
}

// A long list begins with its first few; the others come when they are asked for.
function some(students, draw) {
  const few = 20, box = make("span", {}, listed(students.slice(0, few).map(draw)));
  if (students.length > few) {
    const more = make("button", { type: "button" }, `and ${students.length - few} more`);
    more.addEventListener("click", () => more.replaceWith(...listed(students.slice(few).map(draw))));
    box.append(", ", more);
  }
  return box;
}
