// The folder of the build, and all files in it.
import { readdirSync } from "node:fs";
import { join } from "node:path";

export const OUT = process.env.UI_OUT ?? "dist";

/** The paths of all files below a folder. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
