// What tracks are called.

import type { Subtitle, Track } from "@/api/facts";
import { locale } from "@/i18n";
import { legible, visible } from "@/parts/words";

/** "German" for de; the tag itself where the browser does not know it. */
export function languageName(tag: string): string {
  try {
    return tag ? (new Intl.DisplayNames([locale()], { type: "language" }).of(tag) ?? tag) : "";
  } catch {
    return tag;
  }
}

/** Language and title, each once: many titles only repeat the language. `fallback` where there is neither. */
export function trackName(track: Pick<Track | Subtitle, "language" | "title">, fallback: string): string {
  const language = languageName(track.language);
  const title = legible(track.title);
  const parts = title.toLowerCase() === language.toLowerCase() ? [language] : [language, title];
  return [...new Set(parts.filter(visible))].join(" – ") || fallback;
}

/** 2 as "stereo", 6 as "5.1". */
export function channelsName(channels: number | null): string {
  const names: Record<number, string> = { 1: "1.0", 2: "2.0", 6: "5.1", 7: "6.1", 8: "7.1" };
  return channels ? (names[channels] ?? String(channels)) : "";
}
