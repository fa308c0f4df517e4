// Beside htmx: whoever is in a part that renews itself keeps their place, and a network that fails loses nothing.
(() => {
  const on = (name, act) => document.addEventListener("htmx:" + name, ({ detail }) => act(detail));
  const inside = (place) => [...place.querySelectorAll("a, button, input, select, textarea, summary")];
  const like = (thing) => [thing.tagName, thing.href, thing.value, thing.form?.family?.value].join();
  const left = new WeakMap();
  let pressed;

  on("beforeSwap", ({ xhr, target, requestConfig: { elt } }) => {
    const at = document.activeElement;
    if (elt.href || target.contains(at)) left.set(xhr, [target.id, !elt.href && inside(target).indexOf(at), like(at)]);
  });
  // With a keyboard one comes to what was asked for, to what is wrong, to the same thing, or to what is said instead.
  on("afterRequest", ({ xhr }) => {
    const [id, index, was] = left.get(xhr) || [], place = document.getElementById(id);
    if (!place) return;
    const same = inside(place)[index];
    const to = (index === false ? place.firstElementChild : place.querySelector("[aria-invalid=true]")
      || (same && like(same) === was ? same : place.querySelector("[role=alert], [role=status]"))) || place;
    if (to.tabIndex < 0) to.tabIndex = -1;
    to.focus();
  });

  // What waits asks again; anything else is tried once more as a page of its own, which says what is wrong.
  const failed = ({ elt }) => {
    if (elt.href) location.assign(elt.href);
    else if (elt.matches("form:not([hx-trigger])")) {
      if (pressed?.name) elt.append(Object.assign(document.createElement("input"), { type: "hidden", name: pressed.name, value: pressed.value }));
      elt.submit();
    } else setTimeout(() => htmx.trigger(elt, "again"), 9000);
  };
  document.addEventListener("submit", (event) => { pressed = event.submitter; }, true);
  on("sendError", failed);
  on("responseError", failed);
})();
