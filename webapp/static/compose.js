// What the SMS cost, while one types: packed as in notifier/text.
const box = document.getElementById("cost"), form = box.closest("form");
// The alphabets of notifier.text: a test holds them equal.
const gsm = "\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_abcdefghijklmnopqrstuvwxyz{|}~¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ€", double = "[\\]^{|}~€";
const widths = {
  ky: "ъь°॑ абвгдежзийклмнңоөпрстуүфхыэқғҳўәіұһӣӯҷ№«»“”„‟‘’‚ʼ`´–—‑−―•·× ёцчшщюя …₽",
  ru: "ъь°॑ абвгдезийклмнңоөпрстуүфхыэқғҳўәіұһӣӯҷ№«»“”„‟‘’‚ʼ`´–—‑−―•·× ёжцчшюя щ…₽",
};
// As long as in Latin: groups of 0, 1, 2, 3 letters.
const latin = (text, language) => text.replace(/./gu, (c) => {
  const width = widths[language].split(" ").findIndex((group) => group.includes(c.toLowerCase()));
  return width < 0 ? c : "a".repeat(width);
});
const parts = (text) => {
  const plain = [...text].every((c) => gsm.includes(c));
  let all = 0, used = 0, count = 1;
  for (const c of text) {
    const units = plain ? 1 + double.includes(c) : c.length;
    all += units;
    if ((used += units) > (plain ? 153 : 67)) { count++; used = units; }
  }
  return all > (plain ? 160 : 70) ? count : 1;
};
const show = (slot, value) => {
  const place = box.querySelector(`[data-slot=${slot}]`);
  if (place) place.textContent = value.toLocaleString(document.documentElement.lang);
};
form.addEventListener("input", () => {
  const data = box.firstElementChild.dataset, { start, price, ky, ru } = data;
  const costs = ["ky", "ru"].map((language) => {
    const text = (form["text_" + language]?.value || "").normalize().replace(/[^\S\n]+/g, " ").trim();
    const end = data["end" + language] || "", all = latin(start + text + end, language);
    show(language, [...text].length);
    return text && { cyrillic: parts(/[Ѐ-ӿ]/.test(text) ? start + text + end : latin(start, language) + text + latin(end, language)), latin: parts(all) };
  });
  for (const script of ["cyrillic", "latin"]) {
    const [kyrgyz, russian] = costs.map((cost) => cost && cost[script]);
    const all = (ky || 0) * (kyrgyz || russian) + (ru || 0) * (russian || kyrgyz);
    show("ky-" + script, +kyrgyz);
    show("ru-" + script, +russian);
    show("all-" + script, all);
    show("price-" + script, all * price);
  }
});
// A text follows the fields above it until somebody edits it by hand, also after the tab was closed.
const languages = ["ky", "ru"];
const autos = () => languages.map((language) => form["auto_" + language]);
const kept = (i, value) => {
  // Storage throws when a browser forbids it.
  try { const key = "draft:" + form["text_" + languages[i]].dataset.draft + "-auto"; return value == null ? localStorage[key] : localStorage[key] = value; } catch { return ""; }
};
autos().forEach((auto, i) => { if (auto && !auto.value) auto.value = kept(i) || ""; });
const follow = (was) => autos().forEach((auto, i) => {
  const text = form["text_" + languages[i]];
  if (!auto || auto.value === was[i]) return;
  kept(i, auto.value);
  if (text.value !== was[i]) return;
  text.value = auto.value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
  clearTimeout(soon);
});
// The server's numbers a moment later: whom it goes to, what is too dear. Not by htmx, which weighs more than the page.
let soon, asked;
const ask = async () => {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(box.dataset.cost, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok || answer.redirected) return;
    const was = autos().map((auto) => auto?.value);
    const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of body.querySelectorAll("[hx-swap-oob]")) {
      const place = document.getElementById(part.id || part.getAttribute("hx-swap-oob").split("#")[1]);
      if (place) place.innerHTML = part.innerHTML;
      part.remove();
    }
    box.replaceChildren(...body.childNodes);
    follow(was);
  } catch { /* No network: the browser's own numbers stay. */ }
};
form.addEventListener("input", () => {
  clearTimeout(soon);
  soon = setTimeout(ask, 700);
});
