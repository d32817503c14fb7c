// The session of this frame. With cookies there is nothing to do. Without them the proof is kept here, goes along in
// a header, and pages are fetched and put in the place of the present one; addresses and the back button stay as they
// are. A reload finds the proof in the entry of the browser's history: never in an address (STA-31).
import { isHeld, sessionIsOver, sessionLasts } from "./ending.js";

const HEADER = "X-LTI-Session";
const FIELD = "session";

let proof = null; // null: a cookie does it
let start = () => {}; // what makes a page work; its signal aborts when the page is left
let page = new AbortController();
let turn = new AbortController(); // of the page that is on its way: a newer click wins
let shown = place(location); // the address whose page this is
let pictures = []; // of this page, as addresses of the browser's own

function place(url) {
  return url.pathname + url.search;
}

function isOurs(url) {
  return url.origin === location.origin && url.pathname.startsWith("/k/");
}

/** `fetch` for addresses of this launch, with the proof where there is no cookie. */
export async function request(url, options = {}) {
  const headers = new Headers(options.headers);
  if (proof) headers.set(HEADER, proof);
  const answer = await fetch(url, { ...options, headers });
  const seconds = answer.headers.get("X-LTI-Session-Ends");
  if (seconds) sessionLasts(Number(seconds));
  if (["session_expired", "session_missing"].includes(answer.headers.get("X-LTI-Error"))) sessionIsOver();
  return answer;
}

/** To another page of this launch. */
export function go(url) {
  if (proof) visit(new URL(url, location));
  else location.assign(url);
}

async function visit(url, { method = "GET", body, entry = "push", top = 0 } = {}) {
  turn.abort();
  turn = new AbortController();
  const { signal } = turn;
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await request(url, { method, body, signal });
    if (isHeld()) return; // what was typed stays; the page says that the session is over
    if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return await save(answer);
    const html = await answer.text();
    if (signal.aborted) return;
    const at = answer.redirected ? new URL(answer.url) : url;
    at.hash ||= url.hash; // a redirect keeps the place that was asked for, and `fetch` does not tell it
    // The answer to a form has no address of its own: a reload must not ask for it with GET.
    if (method === "GET" || answer.redirected) enter(at, entry);
    show(html);
    look(at.hash, top);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof TypeError)) throw error;
    say(document.body.dataset.noConnection);
  } finally {
    if (!signal.aborted) document.body.removeAttribute("aria-busy");
  }
}

function enter(url, entry) {
  if (entry === "push") {
    history.replaceState({ ...history.state, top: scrollY }, "");
    history.pushState({ [FIELD]: proof }, "", url);
  } else if (entry === "replace") history.replaceState({ [FIELD]: proof }, "", url);
  shown = place(url);
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  page.abort();
  page = new AbortController();
  pictures.forEach((address) => URL.revokeObjectURL(address));
  pictures = [];
  document.title = next.title;
  document.documentElement.lang = next.documentElement.lang;
  const style = (root) => root.querySelector("link[rel=stylesheet]");
  if (style(next) && style(next).href !== style(document).href) style(document).replaceWith(style(next)); // a release
  const images = [...next.querySelectorAll('img[src^="/k/"]')].map((image) => [image, image.getAttribute("src")]);
  for (const [image] of images) image.removeAttribute("src"); // the browser would ask without the proof
  document.body.replaceWith(document.adoptNode(next.body));
  for (const [image, source] of images) fetchPicture(image, source, page.signal);
  start(page.signal);
}

async function fetchPicture(image, source, signal) {
  try {
    const answer = await request(source, { signal });
    if (!answer.ok) return;
    const address = URL.createObjectURL(await answer.blob());
    if (signal.aborted) return URL.revokeObjectURL(address);
    pictures.push(address);
    image.src = address;
  } catch {
    // its alternative text stands there
  }
}

// Where reading goes on: what the address points at, else the heading, so that a screen reader says the new page.
function look(hash, top) {
  const wanted = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  const first = wanted || document.querySelector("[autofocus]") || document.querySelector("h1");
  if (!first) return;
  if (first.tabIndex < 0) first.tabIndex = -1;
  first.focus({ preventScroll: true });
  if (wanted) wanted.scrollIntoView();
  else scrollTo(0, top);
}

async function save(answer) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function say(words) {
  document.querySelector("[data-said]")?.remove();
  const box = document.createElement("p");
  box.className = "lt-said lt-banner lt-banner--warn";
  box.dataset.said = "";
  box.role = "alert";
  document.body.prepend(box);
  box.textContent = words; // after it is there: then it is announced
}

// Another window keeps no proof either: the form brings it, and gets a token that is good once.
function openWindow(url) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", target: "_blank", rel: "noopener" });
  form.action = `/k/${url.pathname.split("/")[2]}/window`;
  addField(form, FIELD, proof);
  addField(form, "to", place(url) + url.hash);
  document.body.append(form);
  form.submit();
  form.remove();
}

function addField(form, name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
}

function onClick(event) {
  if (!proof || event.defaultPrevented || event.button > 1) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.hasAttribute("download")) return;
  const url = new URL(link.href, location);
  if (!isOurs(url)) return;
  const elsewhere = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
  if (elsewhere || !["", "_self"].includes(link.target)) {
    event.preventDefault();
    openWindow(url);
  } else if (place(url) !== shown || !url.hash) {
    event.preventDefault();
    visit(url);
  }
}

function onSubmit(event) {
  if (!proof || event.defaultPrevented) return;
  const { target: form, submitter } = event;
  const said = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? "";
  const url = new URL(said("action"), location);
  if (!isOurs(url)) return;
  if ("native" in form.dataset) {
    // Its answer has a policy of its own and must be a document of its own.
    if (!form.elements.namedItem(FIELD)) addField(form, FIELD, proof);
    return;
  }
  event.preventDefault();
  const data = new FormData(form, submitter);
  const body = said("enctype") === "multipart/form-data" ? data : new URLSearchParams(data);
  if (said("method").toLowerCase() === "post") visit(url, { method: "POST", body });
  else {
    url.search = body;
    visit(url);
  }
}

function onBack({ state }) {
  if (!proof || place(location) === shown) return;
  visit(new URL(location.href), { entry: "none", top: state?.top ?? 0 });
}

// A link to a place in the same page makes an entry of the browser's own: it too must survive a reload.
function onPlace() {
  if (proof && !history.state?.[FIELD]) history.replaceState({ [FIELD]: proof }, "");
}

async function takeOver({ entrance, handover, next }) {
  const answer = await request(entrance, { method: "POST", body: new URLSearchParams({ handover }) });
  if (!answer.ok) return show(await answer.text());
  ({ proof } = await answer.json());
  await visit(new URL(next, location), { entry: "replace" });
}

/** Begin: `work(signal)` makes the present page work, and each one that takes its place. */
export async function begin(work) {
  start = work;
  start(page.signal);
  // On the window, after everything that listens on the document.
  addEventListener("click", onClick);
  addEventListener("auxclick", onClick);
  addEventListener("submit", onSubmit);
  addEventListener("popstate", onBack);
  addEventListener("hashchange", onPlace);
  const entrance = document.querySelector("[data-entrance]");
  if (entrance) {
    history.scrollRestoration = "manual";
    await takeOver(entrance.dataset);
  } else if (document.querySelector("[data-error-code=session_missing]") && history.state?.[FIELD] && isOurs(location)) {
    proof = history.state[FIELD]; // a reload
    await visit(new URL(location.href), { entry: "replace" });
  }
}
