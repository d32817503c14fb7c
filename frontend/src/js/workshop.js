// The process workshop: building by mouse, finger and keyboard, with undo. Each action here is also a button of a form,
// which works without this; what the script adds is that nothing has to be loaded in between.
import { go, request } from "./session.js";
import { draggable } from "./workshop-drag.js";
import { change, hand, insert, move, plain, remove, step } from "./workshop-model.js";
import { saverOf } from "./workshop-saver.js";
import { viewOf } from "./workshop-view.js";

const UNDOABLE = 100;
const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export function openWorkshop(left) {
  const root = document.querySelector("[data-workshop]");
  const saver = root && build(root, left);
  const picture = document.querySelector("[data-png]");
  if (!picture) return;
  picture.hidden = false;
  picture.addEventListener("click", async () => {
    await saver?.save();
    if (!saver?.dirty()) await savePicture(picture.dataset.png);
  });
}

function build(root, left) {
  const most = Number(root.dataset.most);
  const undoButton = root.querySelector("[data-undo]");
  const first = root.dataset.workshop;
  let steps = JSON.parse(first).map(step);
  let chosen = steps[Number(root.dataset.chosen) - 1]?.key ?? null;
  let past = []; // what undo brings back
  let typing = ""; // step and field of the change that undo would take back

  const view = viewOf(root);
  const saver = saverOf(root, () => plain(steps), left);
  for (const one of root.querySelectorAll("[data-with-script]")) one.hidden = false;
  for (const one of root.querySelectorAll("[data-without-script]")) one.hidden = true;
  for (const one of view.form.querySelectorAll("[data-without-script]")) one.hidden = true;

  const placeOf = (key) => steps.findIndex((one) => one.key === key);
  const titleOf = (key) => view.blocks[steps[placeOf(key)].block].title;

  function show() {
    view.show(steps, chosen);
    undoButton.disabled = past.length === 0;
  }

  function become(next, { soon = true, same = "" } = {}) {
    if (!same || same !== typing) past = [...past.slice(1 - UNDOABLE), steps];
    typing = same;
    steps = next;
    if (placeOf(chosen) < 0) chosen = null;
    show();
    saver.touch(soon);
  }

  function tell(name, key) {
    const place = placeOf(key);
    view.say(name, { what: titleOf(key), number: place + 1, all: steps.length, unit: view.titles[steps[place].unit] });
  }

  function add(block, after, unit) {
    if (steps.length >= most) return view.say("full", { all: most });
    const { steps: next, made } = insert(steps, after, block, { units: view.units, isMedia: view.isMedia, unit });
    chosen = made.key;
    become(next);
    tell("added", made.key);
  }

  function shift(key, way) {
    const place = placeOf(key);
    const next = way === "up" || way === "down"
      ? move(steps, key, place + (way === "up" ? -1 : 1))
      : hand(steps, key, way === "left" ? -1 : 1, view.units);
    if (plain(next) === plain(steps)) return view.say("edge");
    become(next);
    tell("moved", key);
  }

  function take(key) {
    const place = placeOf(key);
    const what = titleOf(key);
    become(remove(steps, key));
    view.say("removed", { what, all: steps.length });
    land(place);
  }

  // The focus goes to the step at this place, or to the next best thing.
  function land(place) {
    const neighbour = steps[Math.min(place, steps.length - 1)];
    const palette = [...root.querySelectorAll("button[name=add]")].find((one) => one.offsetParent);
    const next = neighbour ? view.button(neighbour.key) : palette ?? root.querySelector(".lt-ws__fold > summary");
    next.focus();
  }

  function undo() {
    if (!past.length) return;
    const gone = steps;
    const ends = past.length === 1 && document.activeElement === undoButton; // disabled, it keeps no focus
    steps = past.at(-1);
    past = past.slice(0, -1);
    typing = "";
    if (placeOf(chosen) < 0) chosen = null;
    show();
    view.say("undone", { all: steps.length });
    saver.touch();
    if (ends || !root.contains(document.activeElement)) {
      const changed = steps.findIndex((one, place) => one !== gone[place]);
      land(changed < 0 ? steps.length - 1 : changed);
    }
  }

  function choose(key) {
    chosen = chosen === key ? null : key;
    show();
  }

  function press(form, { name, value }) {
    if (name === "add") return add(value, chosen === null ? steps.length : placeOf(chosen) + 1);
    if (name === "step") return choose(steps[Number(value) - 1].key);
    if (value === "remove") return take(chosen);
    if (value in { up: 1, down: 1, left: 1, right: 1 }) shift(chosen, value);
  }

  root.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if ("takeOver" in form.dataset) {
      if (!saver.dirty()) return;
      event.preventDefault();
      await saver.save();
      if (!saver.dirty()) form.requestSubmit(submitter);
      return;
    }
    event.preventDefault();
    if (submitter) press(form, submitter);
  });

  root.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, select, textarea");
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z" && !field) {
      event.preventDefault();
      undo();
      return;
    }
    const key = event.target.closest(".lt-blk") && view.keyOf(event.target);
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && event.key in ARROWS) shift(key, ARROWS[event.key]);
    else if (event.key === "Delete" && !event.shiftKey) take(key);
    else return;
    event.preventDefault();
  });

  view.form.addEventListener("input", ({ target }) => {
    const { name } = target;
    let { value } = target;
    if (name === "minutes" || name === "days") {
      const wrong = !/^\s*\d{0,3}\s*$/.test(value);
      view.complain(name, wrong);
      if (wrong) return;
      value = Number(value);
    }
    if (name in steps[placeOf(chosen)]) {
      become(change(steps, chosen, { [name]: value }), { soon: target.matches("select"), same: `${chosen} ${name}` });
    }
  });
  view.form.addEventListener("focusout", () => {
    typing = "";
  });

  undoButton.addEventListener("click", undo);

  draggable(root, view.lanes, ({ item, block, place, unit }) => {
    if (block) return add(block, place, unit ?? undefined);
    const key = view.keyOf(item);
    const moved = move(steps, key, place);
    const next = unit ? change(moved, key, { unit }) : moved;
    if (plain(next) === plain(steps)) return;
    become(next);
    tell("moved", key);
  }, left);

  // Leaving, and taking something along: first bring the process home.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || "theirs" in link.dataset || !saver.dirty()) return;
    if (link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await saver.save();
    if (!saver.dirty()) go(link.href);
    else root.querySelector("[data-conflict]:not([hidden]) [data-mine]")?.focus();
  }, { signal: left });
  show();
  const kept = saver.kept();
  if (kept && kept !== plain(steps)) {
    become(JSON.parse(kept).map(step));
  }
  return saver;
}

/** The drawing as PNG, twice as fine: for slides and letters. */
async function savePicture(url) {
  const answer = await request(url);
  if (!answer.ok) return;
  const name = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "ablauf.svg";
  const source = URL.createObjectURL(new Blob([await answer.text()], { type: "image/svg+xml" }));
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * picture.naturalWidth;
  canvas.height = 2 * picture.naturalHeight;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(source);
  canvas.toBlob((data) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(data);
    link.download = name.replace(/svg$/, "png");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }, "image/png");
}
