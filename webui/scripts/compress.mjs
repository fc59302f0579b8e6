// Writes each text of the build once more, compressed, beside it: the server sends what the browser takes.
import { readFileSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { filesBelow, OUT } from "./out.mjs";

const TEXTS = new Set([".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"]);

for (const path of filesBelow(OUT).filter((path) => TEXTS.has(extname(path)))) {
  const whole = readFileSync(path);
  const brotli = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
  };
  const made = { ".br": brotliCompressSync(whole, { params: brotli }), ".gz": gzipSync(whole, { level: 9 }) };
  for (const [ending, bytes] of Object.entries(made)) {
    if (bytes.length < whole.length) writeFileSync(path + ending, bytes);
  }
}
