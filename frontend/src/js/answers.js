// Saves the answer of a quiz question on each change, and goes on trying while the connection is away.
// The form alone does the same with each of its buttons. Words come from the page, so that they are translated there.

import { keepDraft, takeDraft } from "./draft.js";
import { isOver } from "./ending.js";
import { go, request } from "./session.js";

const RETRY_SECONDS = [2, 5, 10, 20, 30];
const TIMEOUT = 15_000;

export function saveAnswers(left) {
  const form = document.querySelector("form[data-save]");
  const status = document.querySelector("[data-save-status]");
  if (!form || !status) return;

  let changes = 0; // counts what was chosen …
  let stored = 0; // … and how much of that the server has confirmed
  let failures = 0;
  let running = null;
  let timer = 0;

  const dirty = () => stored < changes;

  function show(state, words) {
    status.dataset.state = state;
    const text = status.querySelector("span");
    if (text.textContent !== words) text.textContent = words; // an unchanged text is not announced again
  }

  async function send() {
    const upTo = changes;
    const body = new URLSearchParams(new FormData(form));
    body.set("action", "save");
    try {
      // the attribute: form.action is the button of that name
      const answer = await request(form.getAttribute("action"), {
        method: "POST", body, headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(TIMEOUT),
      });
      if (answer.status === 204) {
        stored = upTo;
        failures = 0;
        if (!dirty()) show("saved", status.dataset.saved);
        return;
      }
      // A refusal will not change by asking again: the session has ended or the attempt was handed in elsewhere.
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
    timer = setTimeout(save, 1000 * RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)]);
    failures += 1;
  }

  // One request at a time, so that an older answer never overtakes a newer one.
  async function save() {
    clearTimeout(timer);
    while (running) await running;
    if (!dirty()) return;
    running = send();
    await running;
    running = null;
  }

  form.addEventListener("change", () => {
    changes += 1;
    save();
  });
  addEventListener("online", save, { signal: left });
  left.addEventListener("abort", () => clearTimeout(timer));

  // Leaving by a link of the page: first bring the answer home.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !dirty() || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await save();
    if (!dirty()) go(link.href);
  }, { signal: left });
  // A button of the form carries the answer itself; but an older one still under way must not arrive after it,
  // and while nobody receives anything the page with the answer has to stay.
  form.addEventListener("submit", async (event) => {
    if (!running && !failures) {
      stored = changes;
      return;
    }
    event.preventDefault();
    await save();
    if (!dirty()) form.requestSubmit(event.submitter);
  });
  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  }, { signal: left });

  if (takeDraft(form)) {
    changes += 1;
    save();
  }
}
