// A frame that keeps no cookie: the browser's half of a login lies in the platform's storage (lti-pm-s 0.1).
// Messages go to the origin of the registered login address and to no other; an answer counts if it comes from the
// frame that was asked, from that origin, with the number of the question and without an error.

const SECONDS = 3; // for one visit to the storage, all messages together
const AGAIN = 0.3; // seconds; the frame that keeps the values may load later than this one

class Silent extends Error {}

// What the values are called in the storage, and in the form that brings them back.
const NAMES = ["state", "nonce", "secret"];

function frame(name) {
  try {
    return name === "_parent" ? window.parent : window.parent.frames[name];
  } catch {
    return undefined; // a name that is no frame, in a page of another origin
  }
}

function storage({ target, origin }, deadline) {
  return (subject, fields) =>
    new Promise((resolve, reject) => {
      const id = crypto.getRandomValues(new Uint32Array(4)).join("-"); // randomUUID would need https all the way up
      const asking = setInterval(ask, 1000 * AGAIN);
      const waiting = setTimeout(() => done(reject, new Silent("no answer")), deadline - Date.now());
      function done(settle, value) {
        clearInterval(asking);
        clearTimeout(waiting);
        removeEventListener("message", hear);
        settle(value);
      }
      function hear(event) {
        const { data } = event;
        if (event.origin !== origin || event.source !== frame(target)) return;
        if (typeof data !== "object" || data === null) return;
        if (data.subject !== `${subject}.response` || data.message_id !== id) return;
        if (data.error) done(reject, new Silent("error"));
        else done(resolve, data.value);
      }
      function ask() {
        if (window.parent !== window) frame(target)?.postMessage?.({ subject, message_id: id, ...fields }, origin);
      }
      addEventListener("message", hear);
      ask();
    });
}

function wait(place) {
  const words = place.querySelector("[data-wait]");
  if (words) words.hidden = false;
}

// At the login. What was put must also come back: the platform's hint is good once, so a storage that will fail
// must fail now. Whether the right thing comes back is judged by the server, after the launch.
export async function keep() {
  const place = document.querySelector("[data-keep]");
  if (!place) return;
  wait(place);
  const { key, next, silent } = place.dataset;
  try {
    const send = storage(place.dataset, Date.now() + 1000 * SECONDS);
    await Promise.all(NAMES.map((name) => send("lti.put_data", { key: `${key}-${name}`, value: place.dataset[name] })));
    await send("lti.get_data", { key: `${key}-${NAMES[0]}` });
  } catch (error) {
    if (!(error instanceof Silent)) throw error;
    location.replace(silent);
    return;
  }
  location.replace(next);
}

// At the launch: the platform's message goes out once more, from our page, with what lay in the storage.
export async function ask() {
  const place = document.querySelector("[data-ask]");
  if (!place) return;
  wait(place);
  const form = place.querySelector("form");
  const add = (name, value) => {
    const field = document.createElement("input");
    [field.type, field.name, field.value] = ["hidden", name, value];
    form.append(field);
  };
  try {
    const send = storage(place.dataset, Date.now() + 1000 * SECONDS);
    const found = await Promise.all(NAMES.map((name) => send("lti.get_data", { key: `${place.dataset.key}-${name}` })));
    NAMES.forEach((name, n) => add(`stored_${name}`, typeof found[n] === "string" ? found[n] : ""));
  } catch (error) {
    if (!(error instanceof Silent)) throw error;
    add("storage", "unavailable");
  }
  form.submit();
}
