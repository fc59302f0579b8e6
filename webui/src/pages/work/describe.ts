// Words for the versions of a film or episode. Pure but for the language.

import type { Version } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { type Cut, linesOf, type Playable, sizeOf, type Unit, wayOf } from "@/parts/next-to-play";
import { bytes, extension, legible, visible } from "@/parts/words";
import { languageName } from "@/player/names";

const t = texts("work", english);
type File = Playable & Pick<Version, "mime_type">;

/** 1080p, by name, else by the lines of the picture; "" where neither is known. */
export function qualityOf(file: Playable): string {
  if (file.facts?.resolution) return legible(file.facts.resolution);
  const lines = linesOf(file);
  return lines ? `${lines}p` : "";
}

export const languagesOf = (files: readonly Playable[]): string[] =>
  [...new Set(files.flatMap((file) => file.facts?.languages ?? []))].map(languageName);

/** 1080p · H.264 · German · MKV · 2.1 GB */
export function versionName(cut: Cut<File>): string {
  const [first] = cut.parts;
  const told = [
    qualityOf(first),
    legible(first.facts?.codec ?? ""),
    languagesOf(cut.parts).join(", "),
    extension(first),
    bytes(sizeOf(cut)),
  ];
  return told.filter(Boolean).join(" · ");
}

/** How a version plays here, and why not in a cheaper way. `reading`: the server looks into it at the moment. */
export function wayName(cut: Cut<Playable>, reading = false): { name: string; why: string } {
  const way = wayOf(cut);
  const reason = cut.parts.find((part) => part.plays?.way === way)?.plays?.reason ?? "";
  const names = { direct: t.direct, hls: t.hls, player: t.player, unknown: reading ? t.unknown : t.unread };
  return { name: names[way], why: way === "unknown" || way === "direct" ? "" : reason };
}

/** What an episode is called: the first line of its text without tags, if that says something; else its number. */
export function episodeTitle(unit: Unit<Playable & Pick<Version, "caption">>): string {
  const caption = unit.cuts[0]?.parts[0].caption ?? "";
  const line = legible(caption.split("\n")[0] ?? "")
    .replace(/#[\p{L}\p{N}_]+/gu, "")
    .trim();
  if (visible(line) && line.length <= 120) return line;
  if (unit.episode === null) return legible(unit.cuts[0]?.parts[0].name ?? "") || t.wholeSeason;
  return t.episode(unit.last ? `${unit.episode}–${unit.last}` : String(unit.episode));
}

export function seasonName(season: number | null): string {
  if (season === null) return t.noSeason;
  return season === 0 ? t.specials : t.season(season);
}
