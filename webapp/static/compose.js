// What the SMS cost, while one types: counted as in notifier/text; the server's numbers follow.
const box = document.getElementById("cost"), form = box.closest("form"), { gsm, double, ...widths } = box.dataset;
// As long as in Latin: the groups become 0, 1, 2, 3 letters.
const latin = (text, language) => text.replace(/./gu, (c) => {
  const width = widths[language].split(" ").findIndex((group) => group.includes(c.toLowerCase()));
  return width < 0 ? c : "a".repeat(width);
});
// Packed, not divided.
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
  const { start, price, ky, ru } = box.firstElementChild.dataset;
  const costs = ["ky", "ru"].map((language) => {
    const text = (form["text_" + language]?.value || "").normalize().replace(/[^\S\n]+/g, " ").trim();
    const before = /[Ѐ-ӿ]/.test(text) ? start : latin(start, language);
    show(language, [...text].length);
    return text && { cyrillic: parts(before + text), latin: parts(latin(start + text, language)) };
  });
  for (const script of ["cyrillic", "latin"]) {
    const [kyrgyz, russian] = costs.map((cost) => cost && cost[script]);
    const all = (ky || 0) * (kyrgyz || russian) + (ru || 0) * (russian || kyrgyz);
    show("ky-" + script, +kyrgyz);
    show("ru-" + script, +russian);
    show("all-" + script, all);
    show("price-" + script, all * price);
  }
  let families = 0;
  form.querySelectorAll(":checked + span small").forEach((count) => { families += parseInt(count.textContent); });
  if (form.classes) show("families", families);
});
