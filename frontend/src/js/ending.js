// Says in time that the session ends, lets people go on, and keeps what they have typed when it is over. Seconds come
// with each page and each answer; words stand in the page, so that they are translated there.
import { request } from "./session.js";

const WARN = 600; // seconds before the end
const LOOK = 5_000; // milliseconds; a laptop that slept looks when it wakes up

let ends = Infinity; // milliseconds since 1970
let last = false; // nobody can put it off any more
let over = false;
let said = "";

/** The server says how many seconds are left if nothing more happens. */
export function sessionLasts(seconds) {
  ends = Date.now() + 1000 * seconds;
  last = seconds <= WARN; // the end that activity puts off is hours away just after a request
  over = false;
  look();
}

export function sessionIsOver() {
  over = true;
  look();
}

export function isOver() {
  return over;
}

/** Whether the present page says so itself. */
export function isHeld() {
  return over && box() !== null;
}

function box() {
  return document.querySelector("[data-ending]");
}

function look() {
  const place = box();
  if (!place) return;
  const seconds = (ends - Date.now()) / 1000;
  if (seconds <= 0) over = true;
  const kind = over ? "over" : seconds <= WARN ? (last ? "last" : "soon") : "";
  const minutes = Math.ceil(seconds / 60);
  // Said again at five minutes and at one: each change of a live region is read out.
  const step = kind && (kind === "over" ? kind : `${kind} ${minutes <= 1 ? 1 : minutes <= 5 ? 5 : 10}`);
  if (step === said && (place.childElementCount > 0 || !step)) return;
  said = step;
  place.replaceChildren();
  if (!step) return;
  const words = place.parentElement.querySelector(`template[data-when=${kind}]`).content.cloneNode(true);
  const count = words.querySelector("[data-many]");
  if (count) count.textContent = minutes <= 1 ? count.dataset.one : count.dataset.many.replace("#", minutes);
  place.append(words);
  place.querySelector("[data-stay]")?.addEventListener("click", stay);
}

async function stay() {
  try {
    await request(box().dataset.stayUrl, { method: "POST" });
  } catch {
    return; // no connection: the warning stays
  }
  document.querySelector("h1")?.focus();
}

// When it is over, buttons and links would only lead to a page that says so, away from what was typed.
function hold(event) {
  if (!isHeld()) return;
  const link = event.type === "click" && event.target.closest?.("a[href]");
  if (event.type === "click" && !(link && new URL(link.href).pathname.startsWith("/k/") && !link.hash)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const first = box().firstElementChild;
  first.tabIndex = -1;
  first.focus();
}

/** Look after the session of this page. */
export function watchSession(signal) {
  said = "";
  const seconds = Number(box()?.dataset.seconds);
  if (seconds > 0) sessionLasts(seconds);
  const timer = setInterval(look, LOOK);
  signal.addEventListener("abort", () => clearInterval(timer));
  for (const type of ["click", "submit"]) addEventListener(type, hold, { signal, capture: true });
  document.addEventListener("visibilitychange", look, { signal });
}
