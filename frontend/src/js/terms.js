// A glossary word opens a card with its meaning below it; a second click, Esc or a click elsewhere closes it.
// Whatever goes wrong, the word is still a link to the glossary.

import { go, request } from "./session.js";

let glossary = null; // the page, fetched at most once

async function meaning(link) {
  glossary ??= request(link.href).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)));
  const page = new DOMParser().parseFromString(await glossary, "text/html");
  const entry = page.getElementById(decodeURIComponent(link.hash.slice(1)));
  return entry ?? Promise.reject("unknown term");
}

function card(link, entry) {
  const box = document.createElement("div");
  box.className = "lt-termcard";
  box.popover = "auto";
  box.lang = entry.closest("[lang]")?.lang ?? "de";
  const title = document.createElement("p");
  title.className = "lt-h3";
  title.textContent = entry.querySelector("dt").textContent;
  const text = document.createElement("div");
  text.append(...entry.querySelector("dd").cloneNode(true).childNodes);
  const more = document.createElement("p");
  const whole = document.createElement("a");
  whole.className = "lt-a";
  whole.href = link.href;
  whole.lang = document.documentElement.lang;
  whole.textContent = document.body.dataset.openGlossary;
  more.append(whole);
  box.append(title, text, more);
  return box;
}

function place(box, link) {
  const word = link.getClientRects()[0];
  const left = Math.min(word.left, innerWidth - box.offsetWidth - 16);
  const below = word.bottom + 8;
  const fits = below + box.offsetHeight < innerHeight;
  box.style.inset = "auto";
  box.style.left = `${Math.max(16, left) + scrollX}px`;
  box.style.top = `${(fits ? below : Math.max(8, word.top - box.offsetHeight - 8)) + scrollY}px`;
  box.style.position = "absolute";
}

export function openTerms(left) {
  if (!HTMLElement.prototype.hasOwnProperty("popover")) return;
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a.lt-term");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const box = card(link, await meaning(link));
      link.after(box);
      link.setAttribute("aria-expanded", "true");
      box.addEventListener("toggle", (change) => {
        if (change.newState !== "closed") return;
        box.remove();
        link.removeAttribute("aria-expanded");
      });
      box.showPopover();
      place(box, link);
    } catch {
      glossary = null;
      go(link.href);
    }
  }, { signal: left });
}
