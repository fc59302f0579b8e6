// The queue of songs: what comes after what. Pure: each function gives a new queue, chance is handed in.

import type { Item } from "@/api/client";

export type Track = Pick<
  Item,
  | "chat_id"
  | "message_id"
  | "name"
  | "title"
  | "performer"
  | "caption"
  | "kind"
  | "mime_type"
  | "size"
  | "duration"
  | "date"
  | "stream_url"
  | "thumb_url"
  | "placeholder"
  | "file_unique_id"
  | "watched"
>;

/** A place in the queue. `track` is null after a reload until the server was asked; `place` is the order unshuffled. */
export type Entry = { id: number; place: number; chat: number; message: number; track: Track | null };
export type Repeat = "off" | "all" | "one";
export type Queue = { entries: readonly Entry[]; at: number; shuffled: boolean; repeat: Repeat };

/** More would make moving and keeping slow, and nobody listens through it. */
export const MOST = 2000;
/** Seconds from which "previous" begins the song again. */
export const AGAIN_AFTER = 3;

export const EMPTY: Queue = { entries: [], at: -1, shuffled: false, repeat: "off" };

let last = 0;

const entriesOf = (tracks: readonly Track[], place: number): Entry[] =>
  tracks.slice(0, MOST).map((track, at) => {
    last += 1;
    return { id: last, place: place + at, chat: track.chat_id, message: track.message_id, track };
  });

/** Places that the queue had before a reload; their tracks are not known yet. */
export const bareEntries = (refs: readonly (readonly [number, number])[]): Entry[] =>
  refs.slice(0, MOST).map(([chat, message], place) => {
    last += 1;
    return { id: last, place, chat, message, track: null };
  });

export const current = (queue: Queue): Entry | undefined => queue.entries[queue.at];

/** These tracks instead of what was there, from one of them on; shuffled, that one comes first. */
export function replaced(queue: Queue, tracks: readonly Track[], start: number, random: () => number): Queue {
  const made = { ...queue, entries: entriesOf(tracks, 0), at: tracks.length ? Math.min(start, tracks.length - 1) : -1 };
  return queue.shuffled ? shuffle({ ...made, shuffled: false }, random) : made;
}

/** Adds at the end, or behind the song that plays. */
export function added(queue: Queue, tracks: readonly Track[], next = false): Queue {
  const fresh = entriesOf(tracks.slice(0, Math.max(0, MOST - queue.entries.length)), queue.entries.length);
  const cut = next ? queue.at + 1 : queue.entries.length;
  const entries = queue.entries.toSpliced(cut, 0, ...fresh);
  return placed({ ...queue, entries, at: queue.at < 0 && entries.length ? 0 : queue.at });
}

export function removed(queue: Queue, index: number): Queue {
  if (!queue.entries[index]) return queue;
  const entries = queue.entries.toSpliced(index, 1);
  const at = index < queue.at ? queue.at - 1 : Math.min(queue.at, entries.length - 1);
  return { ...queue, entries, at };
}

export function moved(queue: Queue, from: number, to: number): Queue {
  const entry = queue.entries[from];
  if (!entry || from === to || to < 0 || to >= queue.entries.length) return queue;
  const entries = queue.entries.toSpliced(from, 1).toSpliced(to, 0, entry);
  const playing = current(queue);
  return placed({ ...queue, entries, at: playing ? entries.indexOf(playing) : -1 });
}

/** In an order by chance behind the song that plays, or back in the order that it was put together in. */
export function shuffle(queue: Queue, random: () => number): Queue {
  const playing = current(queue);
  if (queue.shuffled) {
    const entries = queue.entries.toSorted((one, other) => one.place - other.place);
    return { ...queue, entries, at: playing ? entries.indexOf(playing) : -1, shuffled: false };
  }
  const rest = queue.entries.filter((one) => one !== playing);
  for (let at = rest.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const [one, two] = [rest[at], rest[other]];
    if (one && two) [rest[at], rest[other]] = [two, one];
  }
  return { ...queue, entries: playing ? [playing, ...rest] : rest, at: playing ? 0 : -1, shuffled: true };
}

/** Where the queue goes on; -1 at its end. `asked`: by a person, who leaves a song that repeats. */
export function nextOf(queue: Queue, asked: boolean): number {
  if (!queue.entries.length) return -1;
  if (queue.repeat === "one" && !asked) return queue.at;
  if (queue.at + 1 < queue.entries.length) return queue.at + 1;
  return queue.repeat === "off" ? -1 : 0;
}

/** Where "previous" goes: to the song before within its first seconds, else to its own beginning. */
export function previousOf(queue: Queue, position: number): number {
  if (position > AGAIN_AFTER) return queue.at;
  if (queue.at > 0) return queue.at - 1;
  return queue.repeat === "all" ? queue.entries.length - 1 : queue.at;
}

export const nextRepeat = (repeat: Repeat): Repeat => (repeat === "off" ? "all" : repeat === "all" ? "one" : "off");

/** The queue with what the server says of one of its songs. */
export function told(queue: Queue, id: number, track: Track): Queue {
  return { ...queue, entries: queue.entries.map((one) => (one.id === id ? { ...one, track } : one)) };
}

/** How many songs in a row may fail before the queue stops: all of a short queue once, at most five. */
export const givesUp = (queue: Queue, failures: number) => failures >= Math.min(5, queue.entries.length);

function placed(queue: Queue): Queue {
  if (queue.shuffled) return queue;
  return {
    ...queue,
    entries: queue.entries.map((one, place) => (one.place === place ? one : { ...one, place })),
  };
}
