// What was typed is not lost: drafts outlive the tab and the session, and ticks are not left behind unseen.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  const sides = (box) => box.type === "checkbox" ? ["defaultChecked", "checked"] : ["defaultValue", "value"];
  // Storage throws when a browser forbids it.
  const store = (act) => { try { return act(localStorage); } catch { return null; } };

  // Many boxes share one mark around them.
  const draft = (box) => {
    const around = box.closest("[data-drafts]");
    return box.dataset.draft || (around && [around.dataset.drafts, box.name, box.value].join("-"));
  };
  all("[data-draft], [data-drafts] input").forEach((box) => store((s) => {
    const [first, now] = sides(box), [was, kept] = (s["draft:" + draft(box)] || "").split("\0");
    // Over what is saved only what was typed on it: it may have changed elsewhere since.
    if (kept != null && (!box.value || was === "" + box[first])) {
      box[now] = kept;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }));
  document.addEventListener("input", ({ target }) => store((s) => {
    const [first, now] = sides(target), key = draft(target);
    if (key) s["draft:" + key] = target[first] + "\0" + (target[now] || "");
  }));

  // Ticks in a long list are not left behind unseen, on the way to its next page or to a search in it.
  const changed = (box) => /checkbox|radio/.test(box.type) ? box.checked !== box.defaultChecked
    : "defaultValue" in box && box.value !== box.defaultValue;
  addEventListener("beforeunload", (event) => all("form[data-unsaved]").forEach((form) => {
    if (!form.dataset.sent && [...form.elements].some(changed)) event.preventDefault();
  }));
})();
