// Beyond HTML, on every page: one submit per form, drafts forgotten when they are done, focus on faults.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
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

  all("[data-draft-done]").forEach((mark) => forget(mark.dataset.draftDone));

  const faults = document.querySelector("[data-focus]");
  if (faults) faults.focus();
})();
