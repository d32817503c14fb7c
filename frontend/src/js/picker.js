// Content selection: searching, ticking all modules, saying what will happen. The form alone does the choosing.

export function choose() {
  const form = document.querySelector("form[data-picker]");
  if (!form) return;
  const rows = [...form.querySelectorAll("[data-row]")];
  const box = (row) => row.querySelector("[name=item]");

  offerSearch(form, rows);
  const tally = document.querySelector("[data-tally]"); // in the foot, which is no part of the form
  const all = form.querySelector("[data-all]");
  const modules = rows.map(box).filter((input) => input.dataset.kind === "module");
  const selectAll = all?.textContent;

  function show() {
    const chosen = rows.map(box).filter((input) => input.checked).length;
    const words = chosen === 0 ? tally.dataset.none : chosen === 1 ? tally.dataset.one : tally.dataset.many;
    const count = tally.querySelector("[data-count]");
    count.hidden = false;
    count.textContent = words.replace("%(num)s", chosen);
    const then = tally.querySelector("[data-then]");
    then.dataset.first ??= then.textContent;
    then.textContent = chosen === 0 ? then.dataset.first : chosen === 1 ? tally.dataset.thenOne : tally.dataset.thenMany;
    if (all) all.textContent = modules.every((input) => input.checked) ? all.dataset.none : selectAll;
    if (chosen) form.querySelector("[data-missing]").hidden = true;
    for (const row of rows) summarise(row);
  }

  all?.addEventListener("click", (event) => {
    event.preventDefault();
    const tick = !modules.every((input) => input.checked);
    for (const input of modules) input.checked = tick;
    show();
  });
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    if (rows.some((row) => box(row).checked)) return;
    event.preventDefault();
    const missing = form.querySelector("[data-missing]");
    missing.hidden = false;
    missing.scrollIntoView({ block: "nearest" });
  });
  // Only what was ticked has settings to send: a form may have a thousand fields, a course may have more rows.
  form.addEventListener("formdata", (event) => {
    for (const row of rows) {
      if (box(row).checked) continue;
      for (const field of row.querySelectorAll("[data-settings] [name]")) event.formData.delete(field.name);
    }
  });
  show();
}

// The closed settings of a row say in a few words what is set: «Abschluss · im Rahmen».
function summarise(row) {
  const place = row.querySelector("[data-summary]");
  if (!place) return;
  const chosen = [...row.querySelectorAll("select[data-short]")].map((one) => one.selectedOptions[0].dataset.short);
  place.textContent = chosen.join(" · ");
}

function offerSearch(form, rows) {
  const search = form.querySelector("[data-search]");
  const field = search.querySelector("input");
  const found = search.querySelector("[data-found]");
  const nothing = form.querySelector("[data-nothing]");
  if (!nothing) return;
  search.hidden = false;
  const parts = [...form.querySelectorAll("[data-parts]")];
  const words = new Map(rows.map((row) => [row, row.querySelector("label").textContent.toLocaleLowerCase()]));
  const open = new Map(parts.map((one) => [one, one.open])); // as it stood before the search
  let before = "";

  function filter() {
    const wanted = field.value.trim().toLocaleLowerCase();
    if (!before && wanted) for (const one of parts) open.set(one, one.open);
    before = wanted;
    const fits = (row) => words.get(row).includes(wanted);
    for (const row of rows) row.hidden = !fits(row);
    for (const one of parts) {
      const inside = [...one.querySelectorAll("[data-row]")].filter(fits);
      one.hidden = Boolean(wanted) && inside.length === 0;
      one.open = wanted ? inside.length > 0 : open.get(one);
      // a module stays in sight above its activities, so that one knows where they are
      const module = one.closest("[data-module]").querySelector("[data-row]");
      if (inside.length) module.hidden = false;
    }
    const hits = rows.filter(fits).length;
    nothing.hidden = hits > 0;
    found.textContent = wanted ? found.dataset.found.replace("%(num)s", hits) : "";
  }
  field.addEventListener("input", filter);
  // the return key in the search field must not send the selection off
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

// The answer goes to the LMS by itself; the form's button is there for browsers without script.
export function sendOn() {
  document.querySelector("form[data-send]")?.submit();
}
