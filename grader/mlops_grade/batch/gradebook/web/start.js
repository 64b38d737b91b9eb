// The beginning: which page the address asks for, what stands above it, and what is different on paper.

const main = document.getElementById("main");

function showMissing(text) { main.replaceChildren(make("nav", {}, link("← All students", "")), make("p", {}, text)); }

function show() {
  const [what, id, module] = readAddress(), before = show.what, step = show.step;
  show.step = "";
  document.querySelector("h1 a").href = address();
  document.getElementById("hide").checked = Boolean(view.hide);
  document.body.dataset.page = what || "map";
  const mapAgain = !what && before !== undefined && before !== "";
  const name = what === "student" ? showStudent(id, module) : what === "module" ? showModule(id) : showMap(mapAgain);
  document.title = `${name ? `${name} · ` : ""}${data.cohort} · gradebook`;
  const stepped = step && main.querySelector(`a[rel="${step}"]`);
  if (!(what === "student" && module) && !mapAgain) window.scrollTo(0, 0);
  if (stepped) stepped.focus({ preventScroll: true });
  else if (before !== undefined && !(what === "student" && module) && !mapAgain) main.focus({ preventScroll: true });
  show.what = what;
}

function hideNames(hide) {
  const [what, id, ...more] = readAddress(), student = what === "student" ? findStudent(id) : null;
  Object.assign(view, { hide: hide ? "1" : "", text: "" });
  keepAddress(...(student ? ["student", keyOf(student), ...more] : [what, id, ...more].filter(Boolean)));
  show();
  document.getElementById("hide").focus({ preventScroll: true });
  say(hide ? "Names are hidden" : "Names are shown");
}

function toPaper(paper) {
  if (show.what) openForPaper(paper);
  else if (map.box && Boolean(map.paper) !== paper) drawForPaper(paper);
}

const results = RESULTS.map((result) => [data.students.filter((student) => student.result === result).length, result]);
document.getElementById("counts").textContent = `${plural(data.students.length, "student")}: ${results.filter(([count]) => count).map(([count, result]) => `${count} ${result}`).join(", ")}`;
document.getElementById("generated").textContent = `Written ${data.generated}. All dates are in that time zone.`;
document.getElementById("hide").addEventListener("change", (event) => hideNames(event.target.checked));
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
window.addEventListener("hashchange", show);
window.addEventListener("resize", () => { if (!show.what && map.box) { measure(); drawRows(); } });
window.addEventListener("beforeprint", () => toPaper(true));
window.addEventListener("afterprint", () => toPaper(false));
window.matchMedia("print").addEventListener("change", (event) => toPaper(event.matches));
show();
