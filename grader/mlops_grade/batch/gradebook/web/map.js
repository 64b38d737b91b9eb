// The heat map. Only the rows in sight are elements; on paper it is all of them.

const SPARE = 6; // rows drawn above and below what is seen
const LINKS = -2, BUTTONS = -1, FIRST_MODULE = 3; // places in the table: two lines of the head, three columns before the modules
const map = { students: [], modules: [], drawn: new Map(), height: 28, top: 0, at: { row: 0, column: FIRST_MODULE } };
const changeOf = new Map(data.changes.found.map(([student, module, before]) => [`${student}\n${module}`, before]));

const ariaSort = (key) => (view.sort === key ? (view.down ? "descending" : "ascending") : null);

function sorter(key, label, inner) {
  if (map.paper) return inner; // a button would be missing from the head that is repeated on each sheet
  const current = view.sort === key;
  const arrow = current ? (view.down ? "▾" : "▴") : "↕";
  const button = make("button", { type: "button", tabindex: "-1" }, inner, hidden(`sort by ${label}`), arrow);
  button.addEventListener("click", () => {
    view.down = current && !view.down ? "1" : "";
    view.sort = key;
    map.top = 0;
    drawMap();
    focusCell();
    say(`Sorted by ${label}, ${view.down ? "descending" : "ascending"}`);
  });
  return button;
}

function drawHead() {
  const column = (key, label, text, name) =>
    make("th", { scope: "col", class: name, "aria-sort": ariaSort(key), "data-key": key }, sorter(key, label, `${text} `));
  return make("tr", { "aria-rowindex": 1 },
    column("student", "student", "Student", "who"),
    column("result", "result", "Result", "wide"),
    column("core", "core modules passed", "Core", "wide"),
    map.modules.map((module) => {
      const to = link(module.id, "module", module.id);
      to.title = `${module.title} (${module.session}, ${module.core ? "core" : "optional"})`;
      to.tabIndex = -1;
      to.append(hidden(` ${module.title}`));
      const name = module.core ? null : "optional";
      return make("th", { scope: "col", class: name, "aria-sort": ariaSort(module.id), "data-key": module.id },
        to, sorter(module.id, module.id, ""));
    }));
}

function drawTotals() {
  const students = map.students, passed = (at) => students.filter((student) => student.cells[at][0] === "passed").length;
  const mean = students.reduce((sum, student) => sum + student.core, 0) / (students.length || 1);
  return make("tr", { "aria-rowindex": students.length + 2 },
    make("th", { scope: "row", class: "who" }, `Passed, of ${students.length}`),
    make("td", { class: "result" }, String(students.filter((student) => student.result === "passed").length)),
    make("td", { class: "core" }, hidden("on average "), mean.toFixed(1)),
    map.modules.map((module) => make("td", {}, String(passed(moduleAt.get(module.id))))));
}

function drawCell(student, module) {
  const [state] = student.cells[moduleAt.get(module.id)], before = changeOf.get(`${student.id}\n${module.id}`);
  const style = kind(state) + (before ? " changed" : "");
  if (map.paper) return make("td", { class: style }, MARKS[state]);
  const to = toStudent(MARKS[state], student, module.id);
  to.className = style;
  to.tabIndex = -1;
  to.setAttribute("aria-label", `${shortName(student)}, ${module.id}: ${state}${before ? `, was ${before}` : ""}`);
  return make("td", {}, to);
}

function drawRow(row) {
  const student = map.students[row], to = toStudent(shortName(student), student);
  if (!view.hide && student.name) to.append(" ", make("span", { class: "name" }, student.name));
  to.tabIndex = -1;
  return make("tr", { "aria-rowindex": row + 2, "data-row": row },
    make("th", { scope: "row", class: "who" }, map.paper ? shownName(student) : to),
    make("td", { class: "result" }, badge(student.result)),
    make("td", { class: "core" }, `${student.core}/${core}`),
    map.modules.map((module) => drawCell(student, module)));
}

// The rows in sight, from the first to the one after the last.
function inSight() {
  if (map.paper) return [0, map.students.length];
  const first = Math.floor(map.box.scrollTop / map.height), seen = Math.ceil(map.box.clientHeight / map.height);
  return [Math.max(0, first - SPARE), Math.min(map.students.length, first + seen + SPARE)];
}

function drawRows() {
  const [from, to] = inSight(), active = document.activeElement.closest("tr[data-row]");
  for (const [row, element] of map.drawn) {
    if (row >= from && row < to) continue;
    if (element === active) map.box.focus({ preventScroll: true }); // the arrows go on from the same place
    element.remove();
    map.drawn.delete(row);
  }
  let next = map.below;
  for (let row = to - 1; row >= from; row -= 1) {
    if (!map.drawn.has(row)) {
      map.drawn.set(row, drawRow(row));
      map.body.insertBefore(map.drawn.get(row), next);
    }
    next = map.drawn.get(row);
  }
  for (const [gap, rows] of [[map.above, from], [map.below, map.students.length - to]]) {
    gap.hidden = !rows;
    gap.firstChild.style.height = `${rows * map.height}px`;
  }
  if (!document.activeElement.closest("#map") && map.at.row >= 0 && !map.drawn.has(map.at.row)) map.at.row = from;
  markStop();
}

function drawForPaper(paper) {
  map.paper = paper;
  for (const element of map.drawn.values()) element.remove();
  map.drawn.clear();
  map.box.querySelector("thead").replaceChildren(drawHead());
  drawFromTop();
}

// The first drawing gives the box its height, the second one fills it where it was scrolled to.
function drawFromTop() {
  const { top } = map;
  drawRows();
  measure();
  map.box.scrollTop = top;
  drawRows();
}

function drawMap() {
  keepAddress();
  Object.assign(map, { modules: shownModules(), students: shownStudents(), drawn: new Map() });
  const gap = () => make("tr", { class: "gap", "aria-hidden": "true" }, make("td", { colspan: FIRST_MODULE + map.modules.length }));
  Object.assign(map, { above: gap(), below: gap(), body: make("tbody") });
  map.body.append(map.above, map.below);
  map.at.column = Math.min(map.at.column, FIRST_MODULE + map.modules.length - 1);
  map.at.row = Math.min(map.at.row, Math.max(0, map.students.length - 1));
  const help = "Students and modules. Arrow keys move between cells and column heads, Enter opens.";
  const table = make("table", { class: "map", "aria-label": help, "aria-rowcount": map.students.length + 2 },
    make("colgroup", {}, ["who", "wide", "narrow"].map((name) => make("col", { class: name })), make("col", { span: map.modules.length || 1 })),
    make("thead", {}, drawHead()), map.body, make("tfoot", {}, drawTotals()));
  table.style.setProperty("--modules", map.modules.length);
  table.style.setProperty("--longest", `${longestName}ch`);
  map.box.replaceChildren(table);
  drawFromTop();
  document.getElementById("shown").textContent = `${plural(map.students.length, "student")} shown`;
  drawFigures(map.students, map.modules);
}

function measure() {
  const [row] = map.drawn.values();
  if (row && !map.paper) map.height = row.getBoundingClientRect().height || map.height;
}

// One stop of the Tab key for the whole map; arrows, Home, End, Page Up and Page Down inside it.

function cellAt({ row, column }) {
  const line = row < 0 ? map.box.querySelector("thead tr") : map.drawn.get(row);
  const cell = line && line.cells[column];
  return cell && (cell.querySelector(row === BUTTONS ? "button" : "a") || cell.querySelector("button"));
}

function markStop() {
  for (const old of map.box.querySelectorAll('[tabindex="0"]')) old.tabIndex = -1;
  const stop = cellAt(map.at) || cellAt({ row: BUTTONS, column: 0 });
  if (stop) stop.tabIndex = 0;
}

function focusCell() {
  const { row } = map.at;
  if (row >= 0) {
    const head = map.box.querySelector("thead").offsetHeight, foot = map.box.querySelector("tfoot").offsetHeight;
    const room = map.box.clientHeight - head - foot, y = row * map.height;
    if (y < map.box.scrollTop) map.box.scrollTop = y;
    else if (y + map.height > map.box.scrollTop + room) map.box.scrollTop = y + map.height - room;
    drawRows();
  }
  const target = cellAt(map.at);
  if (!target) return;
  markStop();
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function placeOf(element) {
  const cell = element.closest("td, th"), line = element.closest("tr");
  if (!cell || line.parentElement.tagName === "TFOOT") return null;
  const row = line.dataset.row === undefined ? (element.closest("button") ? BUTTONS : LINKS) : Number(line.dataset.row);
  return { row, column: cell.cellIndex };
}

function walk(event) {
  const { row, column } = map.at, last = map.students.length - 1, right = FIRST_MODULE + map.modules.length - 1;
  const across = row < 0 ? 1 : FIRST_MODULE; // result and core have no link in a student's row
  const steps = {
    ArrowRight: [row, column < FIRST_MODULE ? column + across : column + 1],
    ArrowLeft: [row, column <= FIRST_MODULE ? column - across : column - 1],
    ArrowDown: [row === LINKS || (row === BUTTONS && last < 0) ? BUTTONS : row + 1, column],
    ArrowUp: [row === BUTTONS && column < FIRST_MODULE ? row : row - 1, column],
    PageDown: [Math.max(0, row) + 15, column], PageUp: [Math.max(0, row - 15), column],
    Home: event.ctrlKey ? [0, column] : [row, FIRST_MODULE], End: event.ctrlKey ? [last, column] : [row, right],
  };
  const step = steps[event.key];
  if (!step || event.altKey || event.metaKey) return;
  event.preventDefault();
  const at = { row: Math.min(Math.max(step[0], LINKS), last), column: Math.min(Math.max(step[1], 0), right) };
  if (at.row >= 0 && at.column > 0 && at.column < FIRST_MODULE) at.column = 0;
  map.at = at;
  focusCell();
}

function choice(label, name, options) {
  const select = make("select", { id: `filter-${name}` },
    make("option", { value: "" }, "all"), options.map((one) => make("option", { value: one }, one)));
  select.value = view[name];
  select.addEventListener("change", () => filter(name, select.value));
  return make("label", {}, label, select);
}

function filter(name, value) {
  view[name] = value;
  Object.assign(map, { top: 0, at: { row: 0, column: FIRST_MODULE } });
  drawMap();
  say(document.getElementById("shown").textContent);
}

function filters() {
  const search = make("input", { type: "search", id: "filter-text", autocomplete: "off",
    placeholder: view.hide ? "number" : "id, name or e-mail" });
  search.value = view.text;
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (search.isConnected) filter("text", search.value); }, 120);
  });
  const form = make("form", { class: "filter", role: "search", "aria-label": "Filter" },
    make("label", {}, "Student", search), choice("Result", "result", RESULTS),
    choice("Some module is", "state", STATES), choice("Session", "session", SESSIONS), make("span", { id: "shown" }));
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function showMap(returned) {
  map.box = make("div", { class: "scroll", id: "map", tabindex: "-1" });
  let asked = 0;
  map.box.addEventListener("scroll", () => {
    if (map.paper) return;
    map.top = map.box.scrollTop;
    asked = asked || requestAnimationFrame(() => { asked = 0; if (map.box.isConnected) drawRows(); });
  });
  map.box.addEventListener("keydown", walk);
  map.box.addEventListener("focusin", (event) => {
    const at = placeOf(event.target);
    if (at) { map.at = at; markStop(); }
  });
  const key = make("ul", { class: "key", "aria-label": "Key" }, STATES.map((state) => make("li", {}, mark(state), state)));
  if (changeOf.size) key.append(make("li", {}, make("span", { class: "mark changed", "aria-hidden": "true" }, "\u00a0"), "changed since the last run"));
  main.replaceChildren(make("h2", { class: "hidden" }, "Students and modules"), filters(), key, map.box, figures());
  drawMap();
  if (returned) focusCell();
}
