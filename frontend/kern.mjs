// KERN-UX brings every component (340 kB); pages get those they use. A component is used if a template, a course
// text or our own styles name it: `kern-btn` keeps all of `kern-btn--primary`, `kern-btn__…`.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import postcss from "postcss";

const COMPONENT = /kern-[a-z]+(?:-[a-z]+)*/g;
const CLASS = /(?<=\.)kern-[a-z]+(?:-[a-z]+)*/g;
const ALTERNATIVES = /:(?:is|where|not|has)\([^)]*\)/g; // what stands in there is one of several ways to match

async function namesIn(folder, pattern) {
  const names = new Set();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !pattern.test(entry.name)) continue;
    const text = await readFile(join(entry.parentPath ?? entry.path, entry.name), "utf8");
    for (const [name] of text.matchAll(COMPONENT)) names.add(name);
  }
  return names;
}

/** esbuild plugin: leaves the components out of kern.css that no file in `sources` ([folder, pattern] pairs) names. */
export function onlyUsedComponents(sources) {
  return {
    name: "kern",
    setup(build) {
      build.onLoad({ filter: /@kern-ux[\\/]native[\\/]dist[\\/]kern\.css$/ }, async ({ path }) => {
        const used = new Set();
        for (const [folder, pattern] of sources) for (const name of await namesIn(folder, pattern)) used.add(name);
        const sheet = postcss.parse(await readFile(path, "utf8"));
        sheet.walkRules((rule) => {
          const kept = rule.selectors.filter((selector) =>
            (selector.replace(ALTERNATIVES, "").match(CLASS) ?? []).every((name) => used.has(name)),
          );
          if (kept.length) rule.selectors = kept;
          else rule.remove();
        });
        return { contents: sheet.toString(), loader: "css" };
      });
    },
  };
}
