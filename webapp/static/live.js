// Parts of a page that renew themselves, in the words of htmx: the few of them we need weigh a twentieth of all.
(() => {
  const word = (element, name) => element.getAttribute("hx-" + name);
  const each = (found, act) => document.querySelectorAll(found).forEach(act);
  const reachable = (place) => [...place.querySelectorAll("a, button, input, select, textarea, summary")];
  const like = (thing) => [thing.tagName, thing.getAttribute("href"), thing.value, thing.form?.family?.value].join();
  const asked = new WeakMap();

  // Who is in there with a keyboard comes to what is wrong, or stays on the same thing; where that has gone, to what is
  // said in its stead.
  const put = (place, nodes, whole) => {
    const at = document.activeElement, inside = place.contains(at), index = reachable(place).indexOf(at), was = inside && like(at);
    const [first] = nodes = [...nodes].filter((node) => !whole || node.nodeType === 1);
    if (whole) { place.replaceWith(...nodes); place = first; } else place.replaceChildren(...nodes);
    watch(place);
    if (!inside) return;
    const same = reachable(place)[index];
    focus(place.querySelector("[aria-invalid=true]") || (same && like(same) === was && same)
      || place.querySelector("[role=alert], [role=status]") || place);
  };
  const focus = (element) => {
    if (element.tabIndex < 0) element.tabIndex = -1;
    element.focus();
  };

  // Ask, and put the answer where it belongs. What was asked by the same before is not waited for any more.
  const ask = async (from, url, body) => {
    asked.get(from)?.abort();
    const stop = new AbortController();
    asked.set(from, stop);
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const answer = await fetch(url, { method: body ? "POST" : "GET", body, headers, signal: stop.signal });
    const said = (name) => answer.headers.get("HX-" + name);
    if (said("Redirect") || answer.redirected) return location.assign(said("Redirect") || answer.url);
    if (!answer.ok) throw answer;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    for (const part of page.querySelectorAll("[hx-swap-oob]")) {
      const place = document.getElementById(part.id || word(part, "swap-oob").split("#")[1]);
      if (place) put(place, part.childNodes);
      part.remove();
    }
    const to = said("Retarget") || word(from, "target"), place = to ? document.querySelector(to) : from;
    put(place, page.childNodes, (said("Reswap") || word(from, "swap")) === "outerHTML");
    if (said("Trigger")) each(`[hx-trigger^="${said("Trigger")} "]`, (part) => ask(part, word(part, "get")).catch(() => {}));
    return place;
  };

  // A page that waits looks again by itself: a phone in a pocket does not, and without a network ever more seldom.
  const watch = (place) => place.querySelectorAll('[hx-trigger^="load delay:"]').forEach((poll) => {
    let seconds = parseFloat(word(poll, "trigger").slice(11));
    const look = () => {
      if (document.hidden) return document.addEventListener("visibilitychange", look, { once: true });
      ask(poll, word(poll, "get")).catch(() => {
        seconds = Math.min(seconds * 2, 60);
        setTimeout(look, seconds * 1000);
      });
    };
    setTimeout(look, seconds * 1000);
  });

  // Whatever fails here is tried once more as a page of its own, which says what is wrong.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[hx-get]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(link, word(link, "get")).then((place) => focus(place.firstElementChild), () => location.assign(link.href));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[hx-post]:not([hx-trigger])"), button = event.submitter;
    if (!form) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    button?.toggleAttribute("aria-busy", true);
    ask(form, word(form, "post"), body).catch(() => {
      if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
      form.submit();
    });
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[hx-trigger=change]");
    if (form) ask(form, word(form, "post"), new FormData(form)).catch(() => {});
  });
  document.addEventListener("pointerup", (event) => each('[hx-trigger^="pointerup from:"]', (place) => {
    if (event.target.closest(word(place, "trigger").slice(15))) ask(place, word(place, "get")).catch(() => {});
  }));
  watch(document);
})();
