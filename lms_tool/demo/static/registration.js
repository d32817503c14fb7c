// The tool says that it is done (Dynamic Registration 1.0, close message).
const frame = document.querySelector("iframe");
addEventListener("message", (event) => {
  if (event.source === frame.contentWindow && event.data?.subject === "org.imsglobal.lti.close") location.assign(frame.dataset.done);
});
