// What phones will show, a moment after the last key. Not by htmx, which weighs more than the page.
const place = document.getElementById("phones"), form = place.closest("form");
let soon, asked;
const ask = async () => {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(place.dataset.shown, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, signal: asked.signal });
    if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
  } catch { /* No network: what stands there stays. */ }
};
form.addEventListener("input", () => {
  clearTimeout(soon);
  soon = setTimeout(ask, 500);
});
