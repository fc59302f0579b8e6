import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const ALWAYS = ["/icon.svg", "/icon-192.png", "/manifest.webmanifest", "/config.json"];
const SHELL = ["router", "closed", "status"]; // what the first page needs beside the entry

/** Writes sw.js with the files of the shell, and a version that changes whenever the page does. */
export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const named = new Map(chunks.map((one) => [one.fileName, one]));
      const shell = new Set<string>();
      const take = (file: string) => {
        if (shell.has(file)) return;
        shell.add(file);
        for (const next of named.get(file)?.imports ?? []) take(next);
      };
      for (const one of chunks) if (one.isEntry || SHELL.includes(one.name)) take(one.fileName);
      const styles = Object.keys(bundle).filter((file) => /\/index-[^/]*\.css$/.test(file));
      const files = [...shell, ...styles].map((file) => `/${file}`).sort();
      const version = createHash("sha256").update(Object.keys(bundle).sort().join()).digest("hex").slice(0, 12);
      const source = readFileSync(new URL("./sw.js", import.meta.url), "utf8")
        .replace('"__VERSION__"', JSON.stringify(version))
        .replace('"__FILES__"', JSON.stringify([...ALWAYS, ...files]));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}
