// Writes THIRD_PARTY.txt: the licences of all packages whose code may be in the build. A licence that is not on the list
// below ends the build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OUT } from "./out.mjs";

const ALLOWED =
  /^(MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|MPL-2\.0|CC0-1\.0|Unlicense|LGPL-[0-9.]+(-or-later|-only)?)$/;
/** Development packages that write some of their own code or style into the build. */
const WRITERS = ["vite", "tailwindcss"];

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const installed = Object.entries(packages)
  .filter(([path, entry]) => path && (!entry.dev || WRITERS.includes(path.replace("node_modules/", ""))))
  .filter(([path]) => existsSync(join(path, "package.json")))
  .map(([path]) => ({ path, ...JSON.parse(readFileSync(join(path, "package.json"), "utf8")) }));

const texts = installed
  .sort((one, other) => (one.name < other.name ? -1 : 1))
  .map(({ path, name, version, license }) => {
    const offered = String(license)
      .replace(/^\(|\)$/g, "")
      .split(/ OR /);
    const taken = offered.find((one) => one.split(" AND ").every((part) => ALLOWED.test(part)));
    if (!taken) throw new Error(`${name} ${version} is under ${license}, which is not on the list of this script`);
    const file = readdirSync(path).find((entry) => /^(licen[cs]e|copying)(\.|$|-)/i.test(entry));
    const text = file ? readFileSync(join(path, file), "utf8").trim() : `Licence: ${taken}`;
    return `${name} ${version} (${taken})\n\n${text}\n`;
  });
const head = "Packages whose code may be in this web UI, and their licences.\n";
writeFileSync(join(OUT, "THIRD_PARTY.txt"), [head, ...texts].join(`\n${"-".repeat(80)}\n\n`));
