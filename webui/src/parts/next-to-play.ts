// What a Play button plays, for films and series. Pure: the state of watching comes with the files, or by `watch`.
//
// A work is a list of units (a film has one, a series one for each episode); a unit has cuts, its versions; a cut is a
// file, or several files that are its parts in order.

import type { Schemas, WorkTree } from "@/api/client";
import { episodeOf } from "./words";

type WatchState = Schemas["WatchState"];
export type Way = Schemas["Plays"]["way"];
/** What is needed of a file: items of lists have no `plays`. */
export type Playable = Pick<
  Schemas["Version"],
  "chat_id" | "message_id" | "file_unique_id" | "name" | "size" | "height" | "duration" | "date" | "facts" | "watched"
> & { plays?: Schemas["Plays"] | null };
export type Tree<T extends Playable> = Pick<WorkTree, "series"> & {
  files: readonly T[];
  seasons: readonly { season: number | null; episodes: readonly { episode: number | null; files: readonly T[] }[] }[];
};

/** One version: a file, or its parts in order. Never empty. */
export type Cut<T> = { parts: readonly [T, ...T[]] };
/** A film, or an episode; `last` is the last episode where a file holds several. */
export type Unit<T> = {
  season: number | null;
  episode: number | null;
  last: number | null;
  cuts: readonly Cut<T>[];
};
/** How far a file was watched; what the server says of it by default. */
export type Watch<T> = (file: T) => Pick<WatchState, "position" | "duration" | "finished" | "updated"> | null;
export type Next<T> = {
  file: T;
  cut: Cut<T>;
  unit: Unit<T>;
  /** Seconds; 0 for the beginning. */
  position: number;
  /** "again": everything was watched. */
  how: "start" | "resume" | "again";
};

const SHORTEST = 5; // seconds: who watched less has not begun
const SAME_LENGTH = 0.01; // two versions whose lengths differ by less have the same places

/** The file that Play plays, and from where. null for a work without files. */
export function nextToPlay<T extends Playable>(
  work: Tree<T>,
  watch: Watch<T> = (file) => file.watched,
): Next<T> | null {
  const all = unitsOf(work);
  const numbered = all.filter(isNumbered);
  const units = work.series && numbered.length ? numbered : all;
  const first = units[0];
  if (!first) return null;
  const begun = latest(all, (unit) => begunAt(unit, watch));
  const anchor = anchorOf(units, watch);
  if (begun && begunAt(begun, watch) >= finishedAt(anchor ?? begun, watch)) return resumed(begun, watch);
  const from = anchor ? units.indexOf(anchor) + 1 : 0;
  const unwatched = [...units.slice(from), ...units.slice(0, from)].find((unit) => !isFinished(unit, watch));
  if (!unwatched) return started(first, "again");
  return begunAt(unwatched, watch) ? resumed(unwatched, watch) : started(unwatched, "start");
}

/** What Play plays of one film or episode. */
export function nextOf<T extends Playable>(unit: Unit<T>, watch: Watch<T> = (file) => file.watched): Next<T> | null {
  if (!unit.cuts.length) return null;
  if (begunAt(unit, watch)) return resumed(unit, watch);
  return started(unit, isFinished(unit, watch) ? "again" : "start");
}

/** The next part of the film, or the next episode; in the language of `file` where there is one. null after the last. */
export function nextAfter<T extends Playable>(
  work: Tree<T>,
  file: Pick<T, "file_unique_id">,
): { file: T; unit: Unit<T> } | null {
  const units = unitsOf(work);
  const at = units.findLastIndex((unit) => holds(unit, file));
  const now = units[at];
  const cut = now?.cuts.find((one) => one.parts.some((part) => isSame(part, file)));
  if (!now || !cut) return null;
  const part = cut.parts[cut.parts.findIndex((one) => isSame(one, file)) + 1];
  if (part) return { file: part, unit: now };
  const next = units[at + 1];
  if (!next || (isNumbered(now) && !isNumbered(next))) return null;
  const chosen = bestCut(next.cuts, cut.parts[0]);
  return chosen ? { file: chosen.parts[0], unit: next } : null;
}

/**
 * The episodes in order: seasons by number, the specials (0) and files without a season after them, and last of all
 * files without an episode, such as whole seasons. Episodes that only ever stand in one file are one.
 * A film is one unit.
 */
export function unitsOf<T extends Playable>(work: Tree<T>): Unit<T>[] {
  if (!work.series) return work.files.length ? [unit(null, null, work.files)] : [];
  const found = [...work.seasons].sort(bySeason).flatMap(({ season, episodes }) => {
    const units: Unit<T>[] = [];
    for (const { episode, files } of episodes) {
      const before = units.at(-1);
      if (before && sameFiles(before, files)) {
        units[units.length - 1] = { ...before, last: episode };
      } else if (files.length) units.push(unit(season, episode, files));
    }
    return units;
  });
  return [...found.filter(isNumbered), ...found.filter((one) => !isNumbered(one))];
}

/** Files as versions; the parts of one are together, in the order of their numbers. */
export function cutsOf<T extends Playable>(files: readonly T[]): Cut<T>[] {
  const sets = new Map<string, { number: number; file: T }[]>();
  const posted = new Map<string, number>();
  const places: ({ file: T } | { set: string })[] = [];
  for (const file of [...files].sort((one, other) => one.message_id - other.message_id)) {
    const part = partOf(file);
    if (!part) continue;
    const name = `${file.chat_id} ${part.name}`;
    const times = posted.get(`${name} ${part.number}`) ?? 0; // a number that was posted again is of another set
    posted.set(`${name} ${part.number}`, times + 1);
    const key = `${name} ${times}`;
    sets.set(key, [...(sets.get(key) ?? []), { number: part.number, file }]);
  }
  const setOf = new Map([...sets].flatMap(([key, members]) => members.map(({ file }) => [file, key] as const)));
  const seen = new Set<string>();
  for (const file of files) {
    const key = setOf.get(file);
    if (key === undefined) places.push({ file });
    else if (!seen.has(key)) places.push({ set: key });
    if (key !== undefined) seen.add(key);
  }
  return places.flatMap((place) => {
    const parts =
      "file" in place
        ? [place.file]
        : [...(sets.get(place.set) ?? [])].sort((a, b) => a.number - b.number).map(({ file }) => file);
    const [one, ...more] = parts;
    return one ? [{ parts: [one, ...more] }] : [];
  });
}

const WAYS: Record<Way, number> = { direct: 0, hls: 0, unknown: 1, player: 2 };

/** How the worst part of a version plays here. */
export function wayOf<T extends Playable>(cut: Cut<T>): Way {
  const order: Way[] = ["direct", "hls", "unknown", "player"];
  const worst = Math.max(...cut.parts.map((part) => order.indexOf(part.plays?.way ?? "unknown")));
  return order[worst] ?? "unknown";
}

/** Lines of the picture, by name, else as sent. */
export const linesOf = (file: Playable): number =>
  Number(file.facts?.resolution.match(/^\d+/)?.[0] ?? 0) || file.height || 0;

/** The best version that plays here: of `like`'s languages, then by resolution, as it is before repackaged, by size. */
export function bestCut<T extends Playable>(cuts: readonly Cut<T>[], like?: T): Cut<T> | undefined {
  const spoken = (file: T) => [...(file.facts?.languages ?? [])].sort().join();
  const rank = (cut: Cut<T>) => [
    WAYS[wayOf(cut)],
    like && spoken(cut.parts[0]) !== spoken(like) ? 1 : 0,
    -linesOf(cut.parts[0]),
    wayOf(cut) === "direct" ? 0 : 1,
    -sizeOf(cut),
  ];
  return [...cuts].sort((one, other) => compare(rank(one), rank(other)))[0];
}

export const sizeOf = (cut: Cut<Playable>) => cut.parts.reduce((sum, part) => sum + part.size, 0);

/** S2 E5, S2 E5–6 or E7, as far as the numbers are known. */
export const numberOf = (one: Pick<Unit<unknown>, "season" | "episode" | "last">): string =>
  episodeOf({
    ...{ title: "", year: null, resolution: "", codec: "", languages: [], work: "" },
    season: one.season,
    episode: one.episode,
    last_episode: one.last,
  });

/** Whether one of the versions was watched to the end. */
export const isFinished = <T extends Playable>(one: Unit<T>, watch: Watch<T> = (file) => file.watched): boolean =>
  one.cuts.some((cut) => cut.parts.every((part) => watch(part)?.finished));

function unit<T extends Playable>(season: number | null, episode: number | null, files: readonly T[]): Unit<T> {
  return { season, episode, last: null, cuts: cutsOf(files) };
}

const isNumbered = (one: Unit<unknown>) => one.episode !== null;
const isSame = (one: Pick<Playable, "file_unique_id">, other: Pick<Playable, "file_unique_id">) =>
  one.file_unique_id === other.file_unique_id;
const holds = (one: Unit<Playable>, file: Pick<Playable, "file_unique_id">) =>
  one.cuts.some((cut) => cut.parts.some((part) => isSame(part, file)));
const sameFiles = (one: Unit<Playable>, files: readonly Playable[]) =>
  files.length > 0 && files.length === partsOf(one).length && files.every((file) => holds(one, file));
const partsOf = <T>(one: Unit<T>): T[] => one.cuts.flatMap((cut) => cut.parts);

function bySeason(one: { season: number | null }, other: { season: number | null }): number {
  const rank = ({ season }: { season: number | null }) => (season === null ? 2 : season === 0 ? 1 : 0);
  return rank(one) - rank(other) || (one.season ?? 0) - (other.season ?? 0);
}

/** When the unit was watched last, if that was not to its end; 0 otherwise. A part that is finished begins the next. */
function begunAt<T extends Playable>(one: Unit<T>, watch: Watch<T>): number {
  const last = latest(partsOf(one), touched(watch));
  const state = last && watch(last);
  if (!last || !state) return 0;
  const cut = one.cuts.find((each) => each.parts.includes(last));
  const between = state.finished && cut?.parts.some((part) => !watch(part)?.finished);
  return between || (!state.finished && state.position >= SHORTEST) ? touched(watch)(last) : 0;
}

/** When a file was watched last; 0 where it was not. */
const touched =
  <T extends Playable>(watch: Watch<T>) =>
  (file: T): number => {
    const state = watch(file);
    return state && (state.finished || state.position > 0) ? Math.max(1, state.updated ?? 0) : 0;
  };

const finishedAt = <T extends Playable>(one: Unit<T>, watch: Watch<T>): number =>
  isFinished(one, watch) ? Math.max(1, ...partsOf(one).map(touched(watch))) : 0;

/** The episode after which to go on: the one finished last; a special only where nothing else was finished. */
function anchorOf<T extends Playable>(units: readonly Unit<T>[], watch: Watch<T>): Unit<T> | undefined {
  const ordinary = units.filter((one) => one.season !== 0);
  return latest(ordinary, (one) => finishedAt(one, watch)) ?? latest(units, (one) => finishedAt(one, watch));
}

/** The one with the highest value above 0; of equal ones the last. */
function latest<V>(values: readonly V[], of: (value: V) => number): V | undefined {
  let found: V | undefined;
  for (const value of values) if (of(value) > 0 && of(value) >= (found === undefined ? 0 : of(found))) found = value;
  return found;
}

function started<T extends Playable>(one: Unit<T>, how: "start" | "again"): Next<T> | null {
  const cut = bestCut(one.cuts);
  return cut ? { file: cut.parts[0], cut, unit: one, position: 0, how } : null;
}

/** The version that was begun, if it plays here; else the best one, at the same place if it is as long. */
function resumed<T extends Playable>(one: Unit<T>, watch: Watch<T>): Next<T> | null {
  const last = latest(partsOf(one), touched(watch));
  const cut = last && one.cuts.find((each) => each.parts.includes(last));
  if (!last || !cut) return started(one, "start");
  const begun = watch(last);
  const file = begun?.finished ? (cut.parts.find((part) => !watch(part)?.finished) ?? last) : last;
  const position = file === last && !begun?.finished ? (begun?.position ?? 0) : 0;
  const best = bestCut(one.cuts);
  if (!best || WAYS[wayOf(cut)] < 2 || WAYS[wayOf(best)] === 2 || best === cut) {
    return { file, cut, unit: one, position, how: "resume" };
  }
  const other = best.parts.length === cut.parts.length ? best.parts[cut.parts.indexOf(file)] : undefined;
  const same = other && Math.abs((other.duration ?? 0) - (file.duration ?? 0)) <= SAME_LENGTH * (file.duration ?? 0);
  return { file: other ?? best.parts[0], cut: best, unit: one, position: same ? position : 0, how: "resume" };
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

const PART =
  /(?<![\p{L}\p{N}])(?:(?!dvd-?[59](?!\d))(?:part|pt|cd|dis[ck]|dvd|часть|parte|partie|teil|vol)[\s._#-]{0,2}(\d{1,3})|(\d{1,3})[\s._-]{0,2}of[\s._-]{0,2}\d{1,3})(?![\p{L}\p{N}])/giu;

/** The number of the part that a name tells of, and the name without it: the same marks as the server knows. */
function partOf(file: Playable): { name: string; number: number } | null {
  const mark = [...file.name.matchAll(PART)].at(-1);
  if (!mark) return null;
  const rest = `${file.name.slice(0, mark.index)}\0${file.name.slice(mark.index + mark[0].length)}`;
  return { name: rest.normalize("NFKC").toLowerCase(), number: Number(mark[1] ?? mark[2]) };
}
