// Albums and artists out of single songs. Telegram knows neither: what was posted together, the performers and the text
// beside the songs tell. Pure.

import type { Item } from "@/api/client";
import { legible, visible } from "@/parts/words";

type Song = Pick<
  Item,
  "chat_id" | "message_id" | "name" | "title" | "performer" | "caption" | "duration" | "date" | "album" | "thumb_url"
>;

export type Album<T extends Song = Item> = {
  /** Chat and first message: finds the album again. */
  key: string;
  /** "" where the text beside the songs names none. */
  title: string;
  /** "" where the songs are of several. */
  artist: string;
  year: string;
  date: number;
  songs: readonly T[];
  /** The song whose picture is shown. */
  cover: T;
};
export type Artist<T extends Song = Item> = { key: string; name: string; songs: readonly T[]; cover: T };

const TOGETHER = 10 * 60; // seconds between posts of one album that was sent in parts, or song by song
const FEWEST = 3; // songs that were sent one by one and look like an album

/** A performer without guests, for comparing. */
export const performerKey = (performer: string) =>
  legible(performer)
    .normalize("NFKC")
    .replace(/\s*[([]?\b(?:feat|ft|featuring)\b\.?.*$/i, "")
    .trim()
    .toLocaleLowerCase("en");

/** The albums among songs, the newest first. */
export function albumsOf<T extends Song>(songs: readonly T[]): Album<T>[] {
  const parts = [...byChat(songs).values()].flatMap((one) => joined(runs(one)));
  return parts
    .filter((part) => part.length >= (isPosted(part) ? 2 : FEWEST))
    .map(albumOf)
    .toSorted((one, other) => other.date - one.date || one.key.localeCompare(other.key));
}

/** The album that holds a message; undefined where it is in none. */
export const albumWith = <T extends Song>(songs: readonly T[], chat: number, message: number): Album<T> | undefined =>
  albumsOf(songs).find((album) => album.songs.some((one) => one.chat_id === chat && one.message_id === message));

/** The performers by name; those without a name come last, as one with the key "". */
export function artistsOf<T extends Song>(songs: readonly T[], locale = "en"): Artist<T>[] {
  const found = grouped(songs, (one) => performerKey(one.performer));
  return [...found]
    .map(([key, own]) => ({ key, name: key && spelling(own), songs: own, cover: pictured(own) }))
    .toSorted((one, other) => Number(!one.key) - Number(!other.key) || one.name.localeCompare(other.name, locale));
}

export const lengthOf = (songs: readonly Pick<Item, "duration">[]) =>
  songs.reduce((sum, one) => sum + (one.duration ?? 0), 0);

/** The number that a file's name begins with; discs count in thousands. null without one. */
export function trackNumber(name: string): number | null {
  const disc = name.match(/^(\d)[-.](\d{2})(?=[\s._\-)\]])/);
  if (disc) return Number(disc[1]) * 1000 + Number(disc[2]);
  const plain = name.match(/^[([]?(\d{1,3})(?=[\s._\-)\]])/);
  return plain ? Number(plain[1]) : null;
}

/** What a text beside songs calls them, and the year in it; the artist's name before a dash is no part of it. */
export function namedIn(caption: string, artist: string): { title: string; year: string } {
  const lines = caption.split("\n").map((line) =>
    legible(line)
      .replace(/https?:\/\/\S+|\bt\.me\/\S+|[#@][\p{L}\p{N}_]+/gu, " ")
      .replace(/^[^\p{L}\p{N}("'«“]+/u, "")
      .replace(/^(?:album|альбом|ألبوم|álbum)\s*[:：]\s*/iu, "")
      .replace(/\s+/g, " ")
      .trim(),
  );
  const line = lines.find(visible) ?? "";
  const year = line.match(/(?:^|[\s([,])((?:19|20)\d\d)(?=$|[\s)\],])/)?.[1] ?? "";
  const bare = line.replace(/\s*[([]\s*(?:19|20)\d\d\s*[)\]]\s*/, " ").trim();
  const own = artist && bare.toLocaleLowerCase("en").startsWith(artist.toLocaleLowerCase("en"));
  const rest = own ? bare.slice(artist.length).replace(/^\s*[-–—:|·]\s*/, "") : bare;
  const title = (visible(rest) ? rest : bare).trim();
  return { title: title.length > 120 ? `${title.slice(0, 119)}…` : title, year };
}

const byChat = <T extends Song>(songs: readonly T[]) => grouped(songs, (one) => one.chat_id);

function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const one of all) {
    const part = found.get(keyOf(one));
    if (part) part.push(one);
    else found.set(keyOf(one), [one]);
  }
  return found;
}

const isPosted = (part: readonly Song[]) => part.some((one) => one.album !== null);

/** Neighbours in a chat that were posted together, or one by one within minutes by the same performer. */
function runs<T extends Song>(songs: readonly T[]): T[][] {
  const found: T[][] = [];
  for (const song of songs.toSorted((one, other) => one.message_id - other.message_id)) {
    const part = found.at(-1);
    const before = part?.at(-1);
    const together =
      before && (before.album !== null || song.album !== null ? before.album === song.album : near(before, song));
    if (part && together) part.push(song);
    else found.push([song]);
  }
  return found;
}

/** Telegram posts ten files together at most: longer albums come in parts. */
function joined<T extends Song>(parts: readonly T[][]): T[][] {
  const found: T[][] = [];
  for (const part of parts) {
    const before = found.at(-1);
    if (before && isPosted(before) && isPosted(part) && continues(before, part)) before.push(...part);
    else found.push([...part]);
  }
  return found;
}

function continues(before: readonly Song[], part: readonly Song[]): boolean {
  const [last, first] = [before.at(-1), part[0]];
  if (!last || !first || before.length % 10 !== 0 || !near(last, first)) return false;
  const text = common(part);
  return !text || text === common(before);
}

const near = (one: Song, other: Song) =>
  Math.abs(other.date - one.date) <= TOGETHER &&
  performerKey(one.performer) !== "" &&
  performerKey(one.performer) === performerKey(other.performer);

/** The text that all of them have; "" where they have several or none. */
function common(songs: readonly Song[]): string {
  const [first] = songs;
  return first && songs.every((one) => one.caption === first.caption) ? first.caption : "";
}

function albumOf<T extends Song>(part: readonly T[]): Album<T> {
  const artist = new Set(part.map((one) => performerKey(one.performer))).size === 1 ? spelling(part) : "";
  const first = part.reduce((one, other) => (other.message_id < one.message_id ? other : one));
  const texts = part.map((one) => one.caption).filter(Boolean);
  const text = common(part) || (new Set(texts).size === 1 ? (texts[0] ?? "") : "");
  return {
    key: `${first.chat_id}_${first.message_id}`,
    ...namedIn(text, artist),
    artist,
    date: first.date,
    songs: inOrder(part),
    cover: pictured(part),
  };
}

function inOrder<T extends Song>(part: readonly T[]): readonly T[] {
  const numbers = new Map(part.map((one) => [one, trackNumber(one.name)]));
  const told = new Set([...numbers.values()].filter((one) => one !== null));
  if (told.size !== part.length) return part;
  return part.toSorted((one, other) => (numbers.get(one) ?? 0) - (numbers.get(other) ?? 0));
}

const pictured = <T extends Song>(songs: readonly T[]): T => {
  const found = songs.find((one) => one.thumb_url) ?? songs[0];
  if (!found) throw new RangeError("no songs");
  return found;
};

/** How a performer is mostly written, without guests. */
function spelling(songs: readonly Song[]): string {
  const counts = new Map<string, number>();
  for (const { performer } of songs) {
    const plain = legible(performer)
      .replace(/\s*[([]?\b(?:feat|ft|featuring)\b\.?.*$/i, "")
      .trim();
    counts.set(plain, (counts.get(plain) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0] as [string, number])[0];
}
