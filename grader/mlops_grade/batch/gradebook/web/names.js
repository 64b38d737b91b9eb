// Who a student is on the page. With names hidden a number stands for them, in an order that is not the roster's.

const studentOf = new Map(data.students.map((student) => [student.id, student]));
const compare = new Intl.Collator("en", { numeric: true }).compare;

function scattered(text) {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
const numbered = data.students
  .map((student) => [scattered(student.id), student])
  .sort(([a, one], [b, other]) => a - b || compare(one.id, other.id))
  .map(([, student]) => student);
numbered.forEach((student, at) => { student.number = at + 1; });

const fullName = (student) => (student.name ? `${student.id} · ${student.name}` : student.id);
const shownName = (student) => (view.hide ? `Student ${student.number}` : fullName(student));
const shortName = (student) => (view.hide ? `Student ${student.number}` : student.id);
const keyOf = (student) => (view.hide ? `no-${student.number}` : student.id);
const toStudent = (text, student, ...module) => link(text, "student", keyOf(student), ...module);
const longestName = Math.max(12, ...data.students.map((student) => fullName(student).length));

function findStudent(key) {
  const number = /^no-(\d+)$/.exec(key);
  return studentOf.get(key) || (number ? numbered[number[1] - 1] : undefined);
}

// A text about a student; with names hidden, without what would tell who it is.
function masked(student, text) {
  if (!view.hide) return text;
  const words = [student.repository, student.email, student.name, student.id, ...student.name.split(/[\s.,-]+/)];
  const telling = words.filter((word) => word.length > 2).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return telling.length ? text.replace(new RegExp(telling.join("|"), "giu"), "…") : text;
}

// Filters and order

// "ada, s2600, mail:@example.org": students of whom any of these is part of the id, the name or the e-mail address.
function matcher(text) {
  const wanted = text.toLowerCase().split(/[,;]/).map((word) => word.trim()).filter(Boolean);
  if (!wanted.length) return () => true;
  return (student) => {
    if (view.hide) return wanted.some((word) => shownName(student).toLowerCase() === word || String(student.number) === word);
    const fields = { id: student.id, name: student.name, mail: student.email };
    return wanted.some((word) => {
      const [, field, rest] = /^(id|name|mail):\s*(.*)$/.exec(word) || [null, null, word];
      return (field ? [fields[field]] : Object.values(fields)).some((value) => value.toLowerCase().includes(rest));
    });
  };
}

const shownModules = () => data.modules.filter((module) => !view.session || module.session === view.session);

function shownStudents() {
  const matches = matcher(view.text), wanted = shownModules().map((module) => moduleAt.get(module.id));
  const rows = (view.hide ? numbered : data.students).filter((student) =>
    (!view.result || student.result === view.result) &&
    (!view.state || wanted.some((at) => student.cells[at][0] === view.state)) &&
    matches(student));
  const order = ORDERS[view.sort] || (moduleAt.has(view.sort) ? byModule(moduleAt.get(view.sort)) : null);
  return order ? rows.sort(view.down ? (a, b) => order(b, a) : order) : rows;
}

const ORDERS = {
  student: (a, b) => (view.hide ? a.number - b.number : compare(a.id, b.id)),
  result: (a, b) => RANK.indexOf(a.result) - RANK.indexOf(b.result),
  core: (a, b) => b.core - a.core,
};
const byModule = (at) => (a, b) => RANK.indexOf(a.cells[at][0]) - RANK.indexOf(b.cells[at][0]);
