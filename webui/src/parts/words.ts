// Words for numbers and files. Pure; names come from strangers and are only ever text.

import type { Item, Kind } from "@/api/client";
import { dateFormat, numberFormat } from "@/i18n/formats";

type Named = Pick<Item, "title" | "caption" | "name" | "kind" | "date">;

/** Text without the characters that turn the direction of what follows: a name must not look like another one. */
export const legible = (text: string) => text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

/** Whether a text shows anything: spaces, zero-width signs and the like do not. */
export const visible = (text: string) => /[^\s\p{Cc}\p{Cf}\p{Cs}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);

/** What a file is called by people: its title, its name without the ending, the first line of its text, or its date. */
export function heading(item: Named): string {
  if (visible(item.title)) return legible(item.title);
  const line = item.caption.split("\n").find(visible);
  const made = item.kind === "photo" || item.kind === "voice"; // these have no name of their own
  const name = made ? "" : item.kind === "document" ? item.name : item.name.replace(/(.)\.[A-Za-z0-9]{2,5}$/, "$1");
  if (visible(name)) return legible(name);
  if (line) return legible(line.length > 80 ? `${line.slice(0, 79)}…` : line);
  return day(item.date);
}

export function bytes(count: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const power = count < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return numberFormat({
    style: "unit",
    unit: units[power] ?? "byte",
    unitDisplay: power ? "short" : "long",
    maximumFractionDigits: value < 10 && power ? 1 : 0,
  }).format(value);
}

/** Seconds as 4:05 or 1:04:05. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** Seconds as "1 hr 42 min", rounded to minutes from one on. */
export function duration(seconds: number): string {
  const unit = (value: number, name: string) =>
    numberFormat({ style: "unit", unit: name, unitDisplay: "short" }).format(value);
  if (seconds < 60) return unit(Math.round(seconds), "second");
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours ? unit(hours, "hour") : "", rest || !hours ? unit(rest, "minute") : ""].filter(Boolean).join(" ");
}

export const day = (unix: number) => dateFormat({ day: "numeric", month: "long", year: "numeric" }).format(unix * 1000);

/** The ending of a name in capitals, else of its type. */
export const extension = (item: Pick<Item, "name" | "mime_type">) =>
  (item.name.match(/\.([A-Za-z0-9]{1,5})$/)?.[1] ?? item.mime_type.split("/")[1]?.slice(0, 5) ?? "").toUpperCase();

/** S2 E5, where a name says so. */
export function episodeOf(facts: Item["facts"]): string {
  if (!facts) return "";
  const season = facts.season !== null && facts.season !== undefined ? `S${facts.season}` : "";
  const last = facts.last_episode && facts.last_episode !== facts.episode ? `–${facts.last_episode}` : "";
  const episode = facts.episode !== null && facts.episode !== undefined ? `E${facts.episode}${last}` : "";
  return [season, episode].filter(Boolean).join(" ");
}

/** The title of a file, as its facts have it: episodes with their number, which sorts and tells them apart. */
export function titleOf(item: Item): string {
  const { facts } = item;
  if (item.kind !== "video" || !facts?.title) return heading(item);
  const episode = episodeOf(facts);
  return episode ? `${legible(facts.title)} · ${episode}` : legible(facts.title);
}

export const isPicture = (kind: Kind) => kind === "photo" || kind === "sticker";
export const isSound = (kind: Kind) => kind === "audio" || kind === "voice";
