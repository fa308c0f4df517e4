// The grid of a round, by keyboard alone: Enter goes to the next family, a code leads to its row, Ctrl+Enter sends.
(() => {
  const form = document.querySelector("[data-grid]");
  if (!form) return;
  const keys = [...form.querySelectorAll(".key")];
  const rowOf = (field) => field.closest("tr");
  const focus = (field) => { if (!field) return; field.focus(); if (field.select) field.select(); };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) return form.requestSubmit();
    const key = rowOf(event.target).querySelector(".key");
    // Four digits are a code of the paper: go to its row.
    if (event.target === key && key.value.length === 4) {
      const found = keys.find((each) => rowOf(each).querySelector(".code").textContent === key.value);
      if (found) { key.value = ""; return focus(found); }
    }
    focus(keys[keys.indexOf(key) + 1] || form.querySelector("button"));
  });
  focus(form.querySelector("[aria-invalid]") || keys.find((each) => !each.value));
})();
