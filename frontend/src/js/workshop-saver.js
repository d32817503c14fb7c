// Keeps a process on the server: soon after each change, one request at a time, again and again while the connection
// is away. If another window has saved in between, the person decides; nothing is thrown away by itself.
import { isOver } from "./ending.js";
import { request } from "./session.js";

const RETRY_SECONDS = [2, 5, 10, 20, 30];
const TIMEOUT = 15_000;
const PAUSE = 700; // milliseconds without typing

export function saverOf(root, content, left) {
  const status = document.querySelector("[data-process-status]");
  const conflict = root.querySelector("[data-conflict]");
  const { url } = root.dataset;
  let version = Number(root.dataset.version);
  let changes = 0;
  let stored = 0;
  let failures = 0;
  let stopped = false; // a refusal, or another window was faster
  let running = null;
  let timer = 0;

  const dirty = () => stored < changes;

  function show(state, words) {
    status.dataset.state = state;
    const text = status.querySelector("span");
    if (text.textContent !== words) text.textContent = words;
  }

  function builds(on) {
    version = on;
    for (const field of root.querySelectorAll("input[name=version]")) field.value = on;
  }

  async function send() {
    const upTo = changes;
    try {
      const answer = await request(url, {
        method: "POST",
        body: new URLSearchParams({ version, steps: content() }),
        headers: { "HX-Request": "true" },
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (answer.ok) {
        builds((await answer.json()).version);
        stored = upTo;
        failures = 0;
        forget();
        if (!dirty()) show("saved", status.dataset.saved);
        return;
      }
      if (answer.status === 409 && answer.headers.get("X-LTI-Error") === "work_changed") {
        version = (await answer.json()).version;
        stopped = true;
        conflict.hidden = false;
        show("waiting", status.dataset.unsaved);
        return;
      }
      if (answer.status >= 400 && answer.status < 500 && ![408, 429].includes(answer.status)) {
        stopped = true;
        stored = upTo; // asking again changes nothing, and nobody is held on the page
        if (isOver()) remember();
        show("waiting", status.dataset.refused);
        return;
      }
    } catch {
      // no connection, or no answer in time: the same as a server that is down
    }
    show("waiting", status.dataset.waiting);
    timer = setTimeout(save, 1000 * RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)]);
    failures += 1;
  }

  async function save() {
    clearTimeout(timer);
    while (running) await running;
    if (!dirty() || stopped) return;
    running = send();
    await running;
    running = null;
    if (dirty() && !stopped && !failures) await save();
  }

  // A session that is over leaves the process in this tab, for the same person, until the page is opened again.
  function place() {
    const member = document.querySelector("[data-ending]")?.dataset.member;
    return member ? `process ${member} ${url.split("/").slice(3).join("/")}` : null;
  }

  function quietly(work) {
    try {
      return place() && work(place());
    } catch {
      return null; // no storage in this frame
    }
  }

  const remember = () => quietly((name) => sessionStorage.setItem(name, content()));
  const forget = () => quietly((name) => sessionStorage.removeItem(name));

  addEventListener("online", save, { signal: left });
  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  }, { signal: left });
  left.addEventListener("abort", () => clearTimeout(timer));
  conflict.querySelector("[data-mine]").addEventListener("click", () => {
    stopped = false;
    conflict.hidden = true;
    save();
  });
  conflict.querySelector("[data-theirs]").addEventListener("click", () => {
    stored = changes;
    forget();
  });

  return {
    dirty,
    save,
    /** Something has changed. */
    touch(soon = true) {
      changes += 1;
      clearTimeout(timer);
      if (soon) save();
      else {
        if (!failures) show("none", "");
        timer = setTimeout(save, PAUSE);
      }
    },
    /** What an ended session left here, as JSON; null: nothing. */
    kept: () => quietly((name) => sessionStorage.getItem(name)),
  };
}
