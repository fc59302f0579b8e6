// Completes what a copy of the build on another host needs: `config.json` names the API, and `_headers` allows it.
// STREAMVAULT_API is its origin, such as https://tv.example.org; without one the page asks the origin it came from.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OUT } from "./out.mjs";

const given = process.env.STREAMVAULT_API ?? "";
const api = given && new URL(given).origin;
if (given && given.replace(/\/$/, "") !== api) throw new Error(`STREAMVAULT_API is an origin without a path: ${api}`);
writeFileSync(join(OUT, "config.json"), `${JSON.stringify({ api })}\n`);

const html = readFileSync(join(OUT, "index.html"), "utf8");
const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((found) => found[1]);
const hashes = inline.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
const path = join(OUT, "_headers");
const headers = readFileSync(path, "utf8")
  .replaceAll(" 'sha256-INLINE'", hashes.map((hash) => ` ${hash}`).join(""))
  .replaceAll("https://api.example.org", api || "https://api.example.org");
writeFileSync(path, headers);
