// Error page: copies code and reference number for whoever looks after the LMS. Without script the button stays hidden.

export function copyMessage() {
  const button = document.querySelector("[data-copy]");
  if (!button || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.querySelector("span").textContent = button.dataset.copied;
    } catch {
      // frames may forbid the clipboard: the message stands open on the page
      button.hidden = true;
    }
  });
}
