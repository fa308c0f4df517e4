// A page that renews itself, by the few words of htmx it needs for that: htmx itself weighs more than all of it.
(() => {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const reachable = (place) => [...place.querySelectorAll("a, button, input, summary")];
  // Who was on the third link of it with a keyboard stays on the third link, if it still is the same.
  const put = (place, nodes) => {
    const at = reachable(place).indexOf(document.activeElement), words = document.activeElement.textContent;
    place.replaceChildren(...nodes);
    const same = reachable(place)[at];
    if (same && same.textContent === words) same.focus();
    watch(place);
  };
  const ask = async (url, place) => {
    const answer = await fetch(url, { headers }), to = answer.headers.get("HX-Redirect");
    if (to) return location.assign(to);
    if (!answer.ok || answer.redirected) throw answer;
    const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of body.querySelectorAll("[hx-swap-oob]")) {
      const there = document.getElementById(part.id || part.getAttribute("hx-swap-oob").split("#")[1]);
      if (there) put(there, part.childNodes);
      part.remove();
    }
    put(place, body.childNodes);
    const said = answer.headers.get("HX-Trigger");
    if (said) document.querySelectorAll(`[hx-trigger^="${said} "]`).forEach((each) => ask(each.getAttribute("hx-get"), each).catch(() => {}));
  };
  const watch = (place) => place.querySelectorAll('[hx-trigger^="load delay:"]').forEach((poll) => {
    let seconds = parseFloat(poll.getAttribute("hx-trigger").slice(11));
    const look = () => {
      // A phone in a pocket asks nothing.
      if (document.hidden) return document.addEventListener("visibilitychange", look, { once: true });
      ask(poll.getAttribute("hx-get"), document.querySelector(poll.getAttribute("hx-target"))).catch(() => {
        // No network: later, and ever later.
        seconds = Math.min(seconds * 2, 60);
        setTimeout(look, seconds * 1000);
      });
    };
    setTimeout(look, seconds * 1000);
  });
  watch(document);
})();
