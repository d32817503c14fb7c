// «Drucken»: with script a button, without the sentence that the browser can do it.

export function printButtons() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    for (const hint of document.querySelectorAll("[data-print-hint]")) hint.hidden = true;
    button.addEventListener("click", () => print());
  }
}
