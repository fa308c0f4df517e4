// What a page needs beyond HTML: one submit per form, drafts that survive a lost connection, focus on faults.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  const key = (box) => "draft:" + box.dataset.draft;
  // Storage throws when a browser forbids it; a page must work all the same.
  const store = (act) => { try { return act(localStorage); } catch { return null; } };

  const busy = (form, on) => {
    form.dataset.sent = on ? "1" : "";
    for (const button of form.elements) {
      if (button.type === "submit") { button.disabled = on; button.toggleAttribute("aria-busy", on); }
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    // Later, so that the pressed button's own name and value still travel with the form.
    setTimeout(() => busy(form, true));
    setTimeout(() => busy(form, false), 30000);
    // A shared phone: the next person must not find the last one's words.
    if ("forget" in form.dataset) {
      store((s) => Object.keys(s).filter((k) => k.startsWith("draft:")).forEach((k) => s.removeItem(k)));
    }
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => busy(form, false)));

  all("[data-draft-done]").forEach((mark) => store((s) => {
    const name = "draft:" + mark.dataset.draftDone;
    s.removeItem(name);
    s.removeItem(name + ":was");
  }));
  all("textarea[data-draft]").forEach((box) => {
    const kept = store((s) => s.getItem(key(box)));
    // Over a saved text only what was typed on this very text: it may have been changed elsewhere since.
    if (kept !== null && (!box.value || store((s) => s.getItem(key(box) + ":was")) === box.defaultValue)) {
      box.value = kept;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  document.addEventListener("input", ({ target }) => {
    if (!target.dataset.draft) return;
    store((s) => {
      s.setItem(key(target), target.value);
      s.setItem(key(target) + ":was", target.defaultValue);
    });
  });

  const faults = document.querySelector("[data-focus]");
  if (faults) faults.focus();
})();
