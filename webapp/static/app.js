// Beyond HTML: one submit per form, drafts that outlive the session, focus on faults.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  const sides = (box) => box.type === "checkbox" ? ["defaultChecked", "checked"] : ["defaultValue", "value"];
  // Storage throws when a browser forbids it.
  const store = (act) => { try { return act(localStorage); } catch { return null; } };
  const forget = (start) => store((s) => Object.keys(s).forEach((k) => k.startsWith("draft:" + start) && delete s[k]));

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
    // Later, so that the pressed button still travels with the form.
    setTimeout(() => busy(form, true));
    setTimeout(() => busy(form, false), 30000);
    // A shared phone: the next person must not find the last one's words.
    if ("forget" in form.dataset) forget("");
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => busy(form, false)));

  // Ticks in a long list are not left behind unseen, on the way to its next page or to a search in it.
  const changed = (box) => /checkbox|radio/.test(box.type) ? box.checked !== box.defaultChecked
    : "defaultValue" in box && box.value !== box.defaultValue;
  addEventListener("beforeunload", (event) => all("form[data-unsaved]").forEach((form) => {
    if (!form.dataset.sent && [...form.elements].some(changed)) event.preventDefault();
  }));

  all("[data-draft-done]").forEach((mark) => forget(mark.dataset.draftDone));
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

  const faults = document.querySelector("[data-focus]");
  if (faults) faults.focus();
})();
