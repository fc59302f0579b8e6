// What a browser loads at first and for the player, gzipped, against its budget. Run after a build: `npm run size`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const folder = process.env.UI_OUT ?? "dist";
const manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8"));
const KB = 1000;

/** The files of these entries and of all that they import statically. */
function closure(entries) {
  const seen = new Set();
  const files = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the build has no ${key}`);
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    for (const one of chunk.imports ?? []) visit(one);
  };
  entries.forEach(visit);
  return files;
}

const sum = (files, ending) =>
  [...files]
    .filter((file) => file.endsWith(ending))
    .reduce((bytes, file) => bytes + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);

const first = closure(["index.html", "src/pages/home/index.tsx"]);
const watch = closure(["src/pages/watch/index.tsx"]);
const extra = new Set([...watch].filter((file) => !first.has(file)));

const rows = [
  ["first load, scripts", sum(first, ".js"), 130 * KB],
  ["first load, styles", sum(first, ".css"), 18 * KB],
  ["the player's page beyond it, scripts", sum(extra, ".js"), 75 * KB],
];

let failed = false;
for (const [name, bytes, budget] of rows) {
  const over = bytes > budget;
  failed ||= over;
  console.log(`${over ? "OVER" : "  ok"}  ${name}: ${(bytes / KB).toFixed(1)} of ${budget / KB} kB`);
}
process.exit(failed ? 1 : 0);
