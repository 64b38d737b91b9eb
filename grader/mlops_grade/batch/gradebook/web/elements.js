// Making elements. Everything that a student wrote comes through here: as text, never as markup.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const MARKS = {
  "passed": "✓", "not passed": "✗", "untouched": "·", "too late": "L", "not run": "–", "open": "?",
  "not collected": "∅", "not graded": "\u00a0", "incomplete": "\u00a0", "grader error": "!",
};
const kind = (state) => state.replace(" ", "-").replace("grader-error", "open");
const badge = (state) => make("span", { class: `badge ${kind(state)}` }, state);
const mark = (state) => make("span", { class: `mark ${kind(state)}`, "aria-hidden": "true" }, MARKS[state]);
const hidden = (text) => make("span", { class: "hidden" }, text);
const link = (text, ...parts) => make("a", { href: address(...parts) }, text);
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
const listed = (items) => items.flatMap((item, at) => (at ? [", ", item] : [item]));

function bar(share) {
  const element = make("span", { class: "bar", "aria-hidden": "true" });
  element.style.width = `${Math.round(share * 100)}%`;
  return make("span", { class: "track" }, element);
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return make("dl", {}, known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

function say(text) { document.getElementById("announce").textContent = text; }
