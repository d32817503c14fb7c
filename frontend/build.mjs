// Bundles styles, scripts, typeface and icons into lms_tool/web/static/dist with hashed names and a manifest.
// Run by `make`; a changed file gets a new name, so browsers may keep every file for ever.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onlyUsedComponents } from "./kern.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../lms_tool/web/static/dist");

await rm(out, { recursive: true, force: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: ["src/css/app.css", "src/js/app.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome115", "firefox115", "safari16.4"],
  plugins: [
    onlyUsedComponents([
      [join(here, "../lms_tool/web/templates"), /\.html$/],
      [join(here, "../lms_tool/content"), /\.py$/],
      [join(here, "src"), /\.(css|js)$/],
    ]),
  ],
  loader: { ".woff2": "file" },
  footer: { css: "/* KERN-UX (EUPL-1.2), Fira Sans (OFL-1.1): texts in licences/ */" },
  assetNames: "[name]-[hash]",
  entryNames: "[name]-[hash]",
  outdir: out,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
});

const manifest = {};
for (const [file, { entryPoint }] of Object.entries(result.metafile.outputs)) {
  if (entryPoint) manifest[basename(entryPoint)] = basename(file);
}
// The icons are inlined by the templates, so they need no address of their own, only to travel in the wheel.
const icons = await readFile(join(here, "src/icons.svg"));
const name = `icons-${createHash("sha256").update(icons).digest("hex").slice(0, 8)}.svg`;
await writeFile(join(out, name), icons);
manifest["icons.svg"] = name;

const licences = join(out, "licences");
await mkdir(licences);
for (const name of Object.keys(JSON.parse(await readFile(join(here, "package.json"))).dependencies)) {
  const home = join(here, "node_modules", name);
  const file = (await readdir(home)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  await writeFile(join(licences, `${name.replace("@", "").replace("/", "-")}.txt`), await readFile(join(home, file)));
}
// Written last: where there is a manifest, everything it names is there.
await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
