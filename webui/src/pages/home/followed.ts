// The series that somebody watches here: an episode that was finished is in no list, but its series goes on.

import type { Item } from "@/api/client";

const STORED = "sv.series";
const MOST = 8;

/** Series that were begun lately, then those that were begun before, each once. */
export function merged(begun: readonly Item[], kept: readonly string[]): string[] {
  const now = begun.map((item) => item.facts?.work ?? "").filter((key) => key.startsWith("s:"));
  return [...new Set([...now, ...kept])].slice(0, MOST);
}

/** The keys of the series that are watched on this device, the latest first. */
export function followed(begun: readonly Item[]): string[] {
  let kept: unknown = [];
  try {
    kept = JSON.parse(localStorage.getItem(STORED) ?? "[]");
  } catch {
    // nothing was kept
  }
  const strings = Array.isArray(kept) ? kept.filter((key): key is string => typeof key === "string") : [];
  const keys = merged(begun, strings);
  try {
    localStorage.setItem(STORED, JSON.stringify(keys));
  } catch {
    // known until the page is left
  }
  return keys;
}
