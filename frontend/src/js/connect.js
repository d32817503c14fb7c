// Pages inside an LMS that registers this tool. Without script the last one says that the window can be closed.

/** Tell whoever opened this page that it is done (Dynamic Registration 1.0 § 3.6). Nothing in the message is secret. */
export function tellToClose() {
  const done = document.querySelector("[data-lti-close]");
  const host = window.opener || window.parent;
  if (done && host !== window) host.postMessage({ subject: done.dataset.ltiClose }, "*");
}

/** A second click while the first is under way would ask the LMS for a second tool. */
export function submitOnce() {
  for (const form of document.querySelectorAll("form[data-once]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
  }
}
