// Saves a worksheet while it is being written, goes on trying while the connection is away, and adds rows to its tables
// without a journey to the server. Each of it is also a button of the form. Words come from the page.

import { keepDraft, takeDraft } from "./draft.js";
import { isOver } from "./ending.js";
import { go, request } from "./session.js";

const PAUSE = 1_000; // milliseconds without a key before it is saved
const RETRY_SECONDS = [2, 5, 10, 20, 30];
const TIMEOUT = 15_000;

export function fillIn(left) {
  const form = document.querySelector("form[data-sheet]");
  if (!form) return;
  for (const one of document.querySelectorAll("main [data-with-script]")) one.hidden = false;
  for (const one of document.querySelectorAll("main [data-without-script]")) one.hidden = true;
  const status = form.querySelector("[data-sheet-status]");
  const choice = form.querySelector("[data-conflict]"); // between what stands here and what another window saved
  const version = form.elements.namedItem("version");

  let changes = 0; // counts what was entered …
  let stored = 0; // … and how much of that the server has confirmed
  let failures = 0;
  let running = null;
  let timer = 0;

  const dirty = () => stored < changes;
  const torn = () => !choice.hidden;

  function show(state, words) {
    status.dataset.state = state;
    const text = status.querySelector("span");
    if (text.textContent !== words) text.textContent = words; // an unchanged text is not announced again
  }

  function tear() {
    choice.hidden = false;
    show("waiting", status.dataset.conflicting);
  }

  async function send() {
    const upTo = changes;
    const body = new URLSearchParams(new FormData(form));
    body.set("action", "save");
    try {
      const answer = await request(form.getAttribute("action"), {
        method: "POST", body, headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(TIMEOUT),
      });
      if (answer.ok) {
        version.value = (await answer.json()).version;
        stored = upTo;
        failures = 0;
        if (!dirty()) show("saved", status.dataset.saved);
        return;
      }
      if (answer.headers.get("X-LTI-Error") === "work_changed") return tear();
      // A refusal will not change by asking again: the session has ended, or the worksheet was handed in elsewhere.
      const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429;
      if (refused) {
        show("waiting", status.dataset.refused);
        if (isOver()) keepDraft(form);
        stored = upTo;
        return;
      }
    } catch {
      // no connection, or no answer in time: the same as a server that is down
    }
    show("waiting", status.dataset.waiting);
    later(1000 * RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)]);
    failures += 1;
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  // One request at a time: each builds on the version that the one before has made.
  async function save() {
    clearTimeout(timer);
    while (running) await running;
    if (!dirty() || torn()) return;
    running = send();
    await running;
    running = null;
  }

  function changed(wait) {
    changes += 1;
    if (isOver()) keepDraft(form); // nobody receives it any more: it waits for the next session
    if (torn()) return;
    if (status.dataset.state === "saved") show("none", "");
    later(wait);
  }

  form.addEventListener("input", () => changed(PAUSE));
  form.addEventListener("change", () => changed(100));
  addEventListener("online", save, { signal: left });
  left.addEventListener("abort", () => clearTimeout(timer));

  // Leaving by a link of the page: first bring home what was written.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (link?.hasAttribute("data-discard")) stored = changes;
    const inPage = link?.getAttribute("href").startsWith("#");
    if (!link || inPage || !dirty() || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await save();
    if (!dirty()) go(link.href);
  }, { signal: left });

  form.addEventListener("submit", async (event) => {
    const action = event.submitter?.value ?? "save";
    if (action === "keep") {
      stored = changes;
      return;
    }
    if (action === "save" || torn()) {
      event.preventDefault();
      if (!dirty()) changes += 1; // the button was pressed: it says something either way
      save();
      return;
    }
    if (!running && !failures) {
      clearTimeout(timer);
      stored = changes;
      return;
    }
    // One under way makes a new version; while nobody receives anything the page with the entries has to stay.
    event.preventDefault();
    await save();
    if (!dirty() && !torn()) form.requestSubmit(event.submitter);
  });
  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  }, { signal: left });

  const tables = [...form.querySelectorAll("[data-rows]")].map((box) => rowsOf(box, () => changed(100)));
  let builtOn = null;
  const taken = takeDraft(form, (values) => {
    builtOn = values.find(([name]) => name === "version")?.[1];
    for (const table of tables) table.makeRoom(values);
  });
  if (!taken) return;
  changes += 1;
  if (builtOn === version.value) save();
  else tear(); // another window went on in the meantime
}

/** The rows of one table: added, removed, numbered. */
function rowsOf(box, changed) {
  const body = box.querySelector("tbody");
  const add = box.querySelector("[data-add]");
  const blank = box.querySelector("[data-blank]").content;
  const most = Number(box.dataset.max);

  function number() {
    [...body.rows].forEach((row, at) => {
      for (const one of row.querySelectorAll("[name], [id]")) {
        for (const attribute of ["name", "id", "aria-describedby", "value"]) {
          const said = one.getAttribute(attribute);
          const own = attribute === "value" ? one.hasAttribute("data-remove") : said;
          if (own) one.setAttribute(attribute, said.replace(/^((?:f|remove)\.[^.]+\.)(?:\d+|__n__)/, `$1${at}`));
        }
        const label = one.getAttribute("aria-label");
        if (label) one.setAttribute("aria-label", label.replace(/\d+|__m__/, at + 1));
      }
      row.querySelector("[data-remove]").hidden = body.rows.length < 2;
    });
    add.hidden = body.rows.length >= most;
  }

  function append() {
    body.append(blank.cloneNode(true));
    number();
    return body.rows[body.rows.length - 1];
  }

  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    if (!button) return;
    event.preventDefault();
    if (button === add) append().querySelector("input, select").focus();
    else {
      const row = button.closest("tr");
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      number();
      next?.querySelector("input, select").focus();
    }
    changed();
  });

  return {
    /** As many rows as a draft of this table has. */
    makeRoom(values) {
      const found = values.map(([name]) => name.split(".")).filter(([f, id]) => f === "f" && id === box.dataset.rows);
      const wanted = Math.max(0, ...found.map(([, , at]) => Number(at) + 1));
      while (body.rows.length < Math.min(wanted, most)) append();
    },
  };
}
