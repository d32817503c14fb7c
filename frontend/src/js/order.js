// Lists to be brought into order: dragged, or moved by keyboard. The arrow buttons alone do the same through the server;
// here they act at once. Words come from the page, so that they are translated there.

import Sortable from "sortablejs";

export function orderItems(left) {
  for (const list of document.querySelectorAll("[data-order]")) orderable(list, left);
}

function orderable(list, left) {
  const form = list.closest("form");
  const status = form.querySelector("[data-order-status]");
  const rows = () => [...list.children];
  const words = (row) => row.querySelector("[data-order-text]").textContent.trim();
  let before = null; // the order to go back to while a row is held by keyboard

  function say(kind, row) {
    const all = rows();
    status.textContent = list.dataset[kind]
      .replace("{item}", words(row)).replace("{place}", all.indexOf(row) + 1).replace("{all}", all.length);
  }

  function number() {
    const all = rows();
    all.forEach((row, place) => {
      row.querySelector(".lt-order__n").textContent = place + 1;
      const [up, down] = row.querySelectorAll("[name=move]");
      for (const button of [up, down]) button.setAttribute("aria-label", `${button.dataset.word} ${place + 1}`);
      up.disabled = place === 0;
      down.disabled = place === all.length - 1;
    });
  }

  // A move by anything else than the list's own fields must still be saved like any other change of the form.
  const changed = () => list.dispatchEvent(new Event("change", { bubbles: true }));

  function step(row, down) {
    const other = down ? row.nextElementSibling : row.previousElementSibling;
    if (!other) return false;
    if (down) other.after(row);
    else other.before(row);
    number();
    return true;
  }

  function release(row, kind) {
    before = null;
    row.classList.remove("is-held");
    row.querySelector("[data-grip]").setAttribute("aria-pressed", "false");
    say(kind, row);
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[name=move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    if (!step(row, button.value.endsWith(":down"))) return;
    (button.disabled ? row.querySelector("[name=move]:not(:disabled)") : button).focus();
    say("moved", row);
    changed();
  });

  list.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    const row = grip.closest("li");
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (before) {
        release(row, "dropped");
        changed();
      } else {
        before = rows();
        row.classList.add("is-held");
        grip.setAttribute("aria-pressed", "true");
        say("held", row);
      }
    } else if (before && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      if (step(row, event.key === "ArrowDown")) say("moved", row);
      grip.focus();
    } else if (before && event.key === "Escape") {
      event.preventDefault();
      before.forEach((each) => list.append(each));
      number();
      release(row, "undone");
      grip.focus();
    }
  });
  list.addEventListener("focusout", (event) => {
    const row = event.target.closest?.("li");
    // Moving the row in the document takes the focus away for a moment.
    if (before && row) setTimeout(() => {
      if (before && !row.contains(document.activeElement)) {
        release(row, "dropped");
        changed();
      }
    });
  });

  number(); // a draft may have been put back
  for (const grip of list.querySelectorAll("[data-grip]")) grip.hidden = false;
  form.querySelector("[data-order-help]").hidden = false;
  const sortable = Sortable.create(list, {
    handle: "[data-grip]",
    animation: 120,
    ghostClass: "is-ghost",
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex === newIndex) return;
      number();
      say("dropped", item);
      changed();
    },
  });
  left.addEventListener("abort", () => sortable.destroy());
}
