// An answer that could not be saved because the session was over waits in this tab until the question is opened
// again. It belongs to one person: somebody else who uses the same tab does not get to see it. In a frame where the
// browser allows no storage it stays in the page alone.

function name(form) {
  const member = document.querySelector("[data-ending]")?.dataset.member;
  const path = new URL(form.getAttribute("action"), location).pathname.split("/").slice(3).join("/");
  return member ? `draft ${member} ${path}` : null;
}

function quietly(work) {
  try {
    return work();
  } catch {
    return null; // SecurityError: no storage here
  }
}

export function keepDraft(form) {
  const values = [...new URLSearchParams(new FormData(form))];
  quietly(() => name(form) && sessionStorage.setItem(name(form), JSON.stringify(values)));
}

/** Puts a draft back into the form; whether there was one. `prepare` sees its values before they are put in. */
export function takeDraft(form, prepare = () => {}) {
  const kept = quietly(() => name(form) && sessionStorage.getItem(name(form)));
  if (!kept) return false;
  quietly(() => sessionStorage.removeItem(name(form)));
  const values = JSON.parse(kept);
  prepare(values);
  for (const field of form.elements) {
    if (!field.name || field.disabled) continue;
    const given = values.filter(([key]) => key === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
    else if (given.length && "value" in field && field.type !== "hidden") field.value = given[0];
  }
  for (const list of form.querySelectorAll("[data-order]")) {
    for (const [, value] of values) {
      const row = list.querySelector(`input[value="${CSS.escape(value)}"]`)?.closest("li");
      if (row) list.append(row);
    }
  }
  return true;
}
