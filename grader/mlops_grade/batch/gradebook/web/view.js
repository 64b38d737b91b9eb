// What is looked at, and how. All of it stands in the address: a reload, a bookmark and the way back keep it.

const data = JSON.parse(document.getElementById("data").textContent);
const RANK = [
  "passed", "too late", "open", "not passed", "not run", "untouched", "incomplete", "not graded", "not collected",
];
const RESULTS = ["passed", "not passed", "open", "incomplete", "not collected"];
const STATES = RANK.filter((state) => state !== "incomplete");
const SESSIONS = [...new Set(data.modules.map((module) => module.session))];
const moduleAt = new Map(data.modules.map((module, at) => [module.id, at]));
const core = data.modules.filter((module) => module.core).length;
const ALLOWED = {
  text: null, result: RESULTS, state: STATES, session: SESSIONS,
  sort: ["student", "result", "core", ...moduleAt.keys()], down: ["1"], hide: ["1"],
};
const view = Object.fromEntries(Object.keys(ALLOWED).map((name) => [name, ""]));

function address(...parts) {
  const query = new URLSearchParams(Object.entries(view).filter(([, value]) => value)).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${query ? `?${query}` : ""}`;
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// The parts of the path; the view is set to what the query says.
function readAddress() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const asked = new URLSearchParams(query);
  for (const [name, allowed] of Object.entries(ALLOWED)) {
    const value = asked.get(name) || "";
    view[name] = !allowed || allowed.includes(value) ? value : "";
  }
  return path.split("/").map(decoded);
}

function keepAddress(...parts) { history.replaceState(null, "", address(...parts)); }
