// Dragging blocks with a mouse, and with a finger or a pen by the handle: everywhere else a finger scrolls.

const SLIP = 6; // pixels that are no dragging yet
const EDGE = 56; // pixels from the window's edge where it begins to scroll
const SPEED = 10;

/**
 * `drop({ item, block, place, unit })`: the step's element, or the block of the palette, came to lie before the step
 * at `place` (from 0, counted without itself); `unit` is null where there are no lanes.
 */
export function draggable(root, lanes, drop, left) {
  const bench = root.querySelector("[data-bench]");
  const marker = document.createElement("li");
  marker.className = "lt-drop";
  marker.setAttribute("aria-hidden", "true");
  let held = null; // what is under the finger: { item | block, x, y, ghost, pointer }

  function take(event) {
    if (held || event.button !== 0 || !event.isPrimary || event.target.closest("[data-details]")) return;
    const item = event.target.closest(".lt-step");
    const button = event.target.closest("button[name=add]");
    if (!item && !button) return;
    if (event.pointerType !== "mouse" && !event.target.closest("[data-grip]")) return;
    held = { item, block: button?.value, source: item?.querySelector(".lt-blk") ?? button, pointer: event.pointerId };
    Object.assign(held, { fromX: event.clientX, fromY: event.clientY, x: event.clientX, y: event.clientY });
  }

  function begin() {
    const box = held.source.getBoundingClientRect();
    held.ghost = held.source.cloneNode(true);
    held.ghost.classList.add("lt-ghost");
    held.ghost.setAttribute("aria-hidden", "true");
    held.ghost.style.width = `${box.width}px`;
    held.dx = held.fromX - box.left;
    held.dy = held.fromY - box.top;
    document.body.append(held.ghost);
    held.item?.classList.add("is-held");
    root.classList.add("is-dragging");
    requestAnimationFrame(scroll);
  }

  function carry(event) {
    if (!held || event.pointerId !== held.pointer) return;
    held.x = event.clientX;
    held.y = event.clientY;
    if (!held.ghost) {
      if (Math.hypot(held.x - held.fromX, held.y - held.fromY) < SLIP) return;
      begin();
    }
    event.preventDefault();
    follow();
  }

  function follow() {
    held.ghost.style.transform = `translate(${held.x - held.dx}px, ${held.y - held.dy}px)`;
    const target = aim();
    if (!target) return marker.remove();
    const items = others();
    marker.dataset.column = target.column;
    lanes.hidden = false;
    lanes.insertBefore(marker, items[target.place] ?? null);
  }

  const others = () => [...lanes.querySelectorAll(":scope > .lt-step")].filter((one) => one !== held.item);

  function aim() {
    const box = bench.getBoundingClientRect();
    const lane = lanes.parentElement.getBoundingClientRect();
    if (held.x < lane.left - 8 || held.x > lane.right + 8 || held.y < box.top - 40 || held.y > box.bottom + 40) return null;
    const place = others().filter((one) => {
      const { top, bottom } = one.querySelector(".lt-cell").getBoundingClientRect();
      return (top + bottom) / 2 < held.y;
    }).length;
    const heads = [...bench.querySelectorAll("[data-lane]")].filter((one) => one.offsetParent);
    const column = heads.findIndex((one) => held.x < one.getBoundingClientRect().right);
    const at = column < 0 ? heads.length - 1 : column;
    return { place, unit: heads[at]?.dataset.lane ?? null, column: at + 1 };
  }

  function scroll() {
    if (!held?.ghost) return;
    const by = held.y < EDGE ? -SPEED : held.y > innerHeight - EDGE ? SPEED : 0;
    if (by) {
      scrollBy(0, by);
      follow();
    }
    requestAnimationFrame(scroll);
  }

  function letGo(event) {
    if (!held || (event.pointerId !== undefined && event.pointerId !== held.pointer)) return;
    const { ghost, item, block } = held;
    const target = ghost && event.type === "pointerup" ? aim() : null;
    ghost?.remove();
    marker.remove();
    lanes.hidden = !lanes.childElementCount;
    item?.classList.remove("is-held");
    root.classList.remove("is-dragging");
    held = null;
    if (!ghost) return;
    // The click that follows belongs to the dragging.
    const stop = (click) => {
      click.preventDefault();
      click.stopImmediatePropagation();
    };
    addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
    if (target) drop({ item, block, ...target });
  }

  root.addEventListener("pointerdown", take);
  addEventListener("pointermove", carry, { signal: left, passive: false });
  addEventListener("pointerup", letGo, { signal: left });
  addEventListener("pointercancel", letGo, { signal: left });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held) letGo({ type: "cancel" });
  }, { signal: left });
  left.addEventListener("abort", () => held && letGo({ type: "cancel" }));
}
