// Buttons that copy a text of the page: a link, an error's code and number. Without script they stay hidden.

export function copyButtons() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.querySelector("span").textContent = button.dataset.copied;
      } catch {
        // frames may forbid the clipboard: the text stands open on the page
        button.hidden = true;
      }
    });
  }
}
