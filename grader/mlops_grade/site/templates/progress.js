// The checklist: ticks and a report, kept in this browser alone.
(() => {
  "use strict";
  const KEY = "mlops-grade-progress";
  const root = document.getElementById("progress");
  const message = document.getElementById("progress-message");
  const items = [...root.querySelectorAll("[data-module]")];

  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) || "{}");
      return { ticks: kept.ticks || {}, verdicts: kept.verdicts || {} };
    } catch {
      return { ticks: {}, verdicts: {} };
    }
  };
  const keep = (state) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
    } catch {
      message.textContent = "This browser keeps nothing: what you see is gone when you leave the page.";
    }
  };
  let state = read();

  const show = () => {
    let core = 0;
    let passed = 0;
    for (const item of items) {
      const id = item.dataset.module;
      const verdict = state.verdicts[id];
      const done = id in state.ticks ? state.ticks[id] : verdict?.outcome === "passed";
      item.querySelector("input").checked = done;
      item.dataset.state = done ? "passed" : verdict ? verdict.outcome : "open";
      item.querySelector(".state").textContent = verdict ? said(verdict) : "";
      const failed = done || !verdict ? [] : verdict.failed;
      item.querySelector(".failed").replaceChildren(...failed.map((title) => {
        const line = document.createElement("li");
        line.textContent = title;
        return line;
      }));
      if ("core" in item.dataset) {
        core += 1;
        passed += done ? 1 : 0;
      }
    }
    document.getElementById("progress-tally").textContent = `${passed} of ${core} core modules`;
  };

  const said = (verdict) =>
    verdict.outcome === "not passed" && verdict.checks
      ? `not passed: ${verdict.checks - verdict.failed.length} of ${verdict.checks} checks`
      : verdict.outcome;

  // Only what is shown is taken from a file, and only as text.
  const verdictsOf = (report) => {
    if (!report || !Array.isArray(report.verdicts)) throw new Error("no report");
    const found = {};
    for (const verdict of report.verdicts) {
      const checks = Array.isArray(verdict.checks) ? verdict.checks : [];
      found[String(verdict.module)] = {
        outcome: String(verdict.outcome),
        checks: checks.length,
        failed: checks.filter((check) => check.outcome !== "passed").map((check) => String(check.title).slice(0, 200)),
      };
    }
    return found;
  };

  root.addEventListener("change", async (event) => {
    const box = event.target;
    if (box.type === "checkbox") {
      state.ticks[box.closest("[data-module]").dataset.module] = box.checked;
    } else if (box.type === "file" && box.files.length) {
      const name = box.files[0].name;
      try {
        const found = verdictsOf(JSON.parse(await box.files[0].text()));
        Object.assign(state.verdicts, found);
        for (const id of Object.keys(found)) delete state.ticks[id];
        message.textContent = `${name}: ${Object.keys(found).length} verdicts read.`;
      } catch {
        message.textContent = `${name} is no report: write one with mlops-grade --json report.json`;
      }
      box.value = "";
    }
    keep(state);
    show();
  });
  document.getElementById("forget").addEventListener("click", () => {
    state = { ticks: {}, verdicts: {} };
    keep(state);
    message.textContent = "Forgotten.";
    show();
  });
  show();
})();
