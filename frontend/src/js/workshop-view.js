// Shows a process in the lanes and in the form of the chosen step. All elements are copies of what the page brought
// along, so that their words and their look stand in the templates alone.
import { counts, marks } from "./workshop-model.js";

export function viewOf(root) {
  const find = (selector) => root.querySelector(selector);
  const lanes = find("[data-lanes]");
  const empty = find("[data-empty]");
  const blank = find("template[data-new]").content.firstElementChild;
  const details = find("[data-details]") ?? find("template[data-form]").content.querySelector("[data-details]");
  const items = new Map(); // key of a step → its element
  const form = details.querySelector("form");

  const units = [...root.querySelectorAll("[data-bench] [data-lane]")].map((one) => one.dataset.lane);
  const titles = Object.fromEntries([...form.elements.unit.options].map((one) => [one.value, one.text]));
  const media = Object.fromEntries([...form.elements.before.options].map((one) => [one.value, one.text]));
  const blocks = Object.fromEntries([...root.querySelectorAll(".lt-ws__pal button[name=add]")].map((one) => [
    one.value,
    {
      title: one.querySelector("[data-title]").textContent,
      icon: one.querySelector("use").getAttribute("href"),
      media: one.classList.contains("lt-pal--medium"),
    },
  ]));
  const words = (name, values = {}) =>
    (root.dataset[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const isMedia = (block) => blocks[block].media;

  function write(item, part, text) {
    const place = item.querySelector(`[data-part="${part}"]`);
    if (place.textContent !== text) place.textContent = text;
  }

  function mediaOf({ before, after }) {
    if (before && after && before !== after) return `${media[before]} → ${media[after]}`;
    return before || after ? media[before || after] : "";
  }

  function fill(item, one, number, mark, open) {
    const button = item.querySelector(".lt-blk");
    item.id = `s${number}`;
    item.dataset.column = units.indexOf(one.unit) + 1;
    item.querySelector(".lt-step__n").textContent = number;
    item.querySelector("[data-part=hand]").hidden = !mark.from;
    write(item, "from", titles[mark.from] ?? "");
    button.value = number;
    button.classList.toggle("lt-blk--medium", mark.media);
    button.classList.toggle("lt-blk--wait", mark.wait);
    button.setAttribute("aria-expanded", String(open));
    button.querySelector("use").setAttribute("href", blocks[one.block].icon);
    write(item, "number", words("step", { number }));
    write(item, "unit", titles[one.unit]);
    write(item, "lane", titles[one.unit]);
    write(item, "title", blocks[one.block].title);
    write(item, "note", one.note);
    write(item, "media", mediaOf(one));
    write(item, "minutes", one.minutes ? words("minutes", { number: one.minutes }) : "");
    write(item, "days", one.days ? words(one.days === 1 ? "day" : "days", { number: one.days }) : "");
    for (const flag of item.querySelectorAll("[data-flag]")) flag.hidden = !mark[flag.dataset.flag];
  }

  function itemOf(one) {
    if (!items.has(one.key)) {
      const made = document.importNode(blank, true);
      made.querySelector("[data-grip]").hidden = false;
      made.dataset.key = one.key;
      items.set(one.key, made);
    }
    return items.get(one.key);
  }

  /** Show the steps; `chosen` is the key of the one whose form is open, or null. */
  function show(steps, chosen) {
    const focused = document.activeElement;
    const found = marks(steps, isMedia);
    steps.forEach((one, place) => {
      const item = itemOf(one);
      fill(item, one, place + 1, found[place], one.key === chosen);
      if (lanes.children[place] !== item) lanes.insertBefore(item, lanes.children[place] ?? null);
    });
    while (lanes.children.length > steps.length) lanes.lastElementChild.remove();
    for (const key of [...items.keys()]) if (!steps.some((one) => one.key === key)) items.delete(key);
    lanes.hidden = steps.length === 0;
    empty.hidden = steps.length > 0;
    showCounts(counts(steps, isMedia));
    showDetails(steps, chosen);
    if (focused !== document.activeElement && focused?.isConnected) focused.focus(); // it was moved with its step
  }

  function showCounts(found) {
    for (const [name, value] of Object.entries(found)) {
      const place = document.querySelector(`[data-count=${name}]`);
      place.textContent = value;
      const word = place.parentElement.querySelector("[data-one]");
      if (word) word.textContent = value === 1 ? word.dataset.one : word.dataset.many;
    }
  }

  function showDetails(steps, chosen) {
    const place = steps.findIndex((one) => one.key === chosen);
    find("[data-bench]").classList.toggle("has-details", place >= 0);
    for (const one of root.querySelectorAll("[data-place]")) {
      one.textContent = place >= 0 ? one.dataset.after.replace("{number}", place + 1) : one.dataset.end;
    }
    if (place < 0) return details.remove();
    const one = steps[place];
    form.elements.step.value = place + 1;
    write(details, "heading", words("step", { number: place + 1 }));
    write(details, "title", blocks[one.block].title);
    if (details.dataset.key !== String(chosen)) {
      details.dataset.key = chosen;
      const hint = find(`template[data-hint-for="${one.block}"]`);
      details.querySelector("[data-hint]").hidden = !hint;
      details.querySelector("[data-part=hint]").replaceChildren(...(hint ? [hint.content.cloneNode(true)] : []));
      for (const name of ["minutes", "days"]) complain(name, false);
    }
    for (const name of ["note", "unit", "before", "after", "minutes", "days"]) {
      const field = form.elements[name];
      const value = String(one[name] || "");
      // What is being typed right now stays as it is typed.
      if (field !== document.activeElement && field.value !== value && !field.hasAttribute("aria-invalid")) {
        field.value = value;
      }
    }
    const item = items.get(chosen);
    if (details.parentElement !== item) item.append(details);
  }

  function complain(name, wrong) {
    const field = form.elements[name];
    field.classList.toggle("kern-form-input__input--error", wrong);
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    details.querySelector(`#w-${name}-fehler`).hidden = !wrong;
  }

  /** Say it to those who can't see it. */
  function say(name, values) {
    find("[data-said]").textContent = words(name, values);
  }

  lanes.replaceChildren(); // the server's rows had no keys
  details.remove();
  return {
    lanes, form, units, titles, blocks, isMedia, show, say, complain,
    button: (key) => items.get(key)?.querySelector(".lt-blk"),
    keyOf: (element) => Number(element.closest(".lt-step")?.dataset.key) || null,
  };
}
