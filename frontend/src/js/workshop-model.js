// A process as a list of steps, without the page: what can be done with it and what can be counted. Steps are never
// changed, only replaced; the same rules stand in learning/process_edits.py and content/process.py.

let keys = 0;

/** A step with a key that stays the same wherever the step goes. */
export function step(values) {
  keys += 1;
  return { block: "", unit: "", before: "", after: "", note: "", minutes: 0, days: 0, ...values, key: keys };
}

const between = (low, value, high) => Math.max(low, Math.min(value, high));

/** A new step after the first `after` steps, in the unit and on the medium of the step before it. */
export function insert(steps, after, block, { units, isMedia, unit }) {
  const last = steps[after - 1];
  const medium = last?.after ?? "";
  const made = step({
    block, unit: unit ?? last?.unit ?? units[0], before: medium, after: isMedia(block) ? "" : medium,
  });
  return { steps: steps.toSpliced(after, 0, made), made };
}

export function remove(steps, key) {
  return steps.filter((one) => one.key !== key);
}

/** The step moves to this place, counted from 0. */
export function move(steps, key, to) {
  const rest = remove(steps, key);
  rest.splice(between(0, to, rest.length), 0, steps.find((one) => one.key === key));
  return rest;
}

export function change(steps, key, values) {
  return steps.map((one) => (one.key === key ? { ...one, ...values } : one));
}

/** The step goes to the unit `by` columns further to the right. */
export function hand(steps, key, by, units) {
  const found = steps.find((one) => one.key === key);
  const place = units.indexOf(found.unit) + by;
  return change(steps, key, { unit: units[between(0, place, units.length - 1)] });
}

/** What is weak at each step; see learning/processes.py. */
export function marks(steps, isMedia) {
  const runs = steps.filter((one, place) => !place || steps[place - 1].unit !== one.unit).map((one) => one.unit);
  let run = 0;
  return steps.map((one, place) => {
    const last = steps[place - 1];
    const handed = last !== undefined && last.unit !== one.unit;
    if (handed) run += 1;
    return {
      media: isMedia(one.block) || Boolean(one.before && one.after && one.before !== one.after),
      from: handed ? last.unit : "",
      wait: one.block === "warten",
      double: last?.block === one.block && last.unit === one.unit,
      loop: handed && run >= 2 && runs[run - 2] === one.unit,
    };
  });
}

export function counts(steps, isMedia) {
  const found = marks(steps, isMedia);
  const sum = (values) => values.reduce((all, value) => all + Number(value), 0);
  return {
    steps: steps.length,
    media_changes: sum(found.map((one) => one.media)),
    handovers: sum(found.map((one) => one.from !== "")),
    interruptions: sum(found.map((one) => one.wait)),
    minutes: sum(steps.map((one) => one.minutes)),
    days: sum(steps.map((one) => one.days)),
  };
}

/** As the server takes it: without our keys. */
export function plain(steps) {
  return JSON.stringify(steps.map(({ key, ...values }) => values));
}
