// What of the queue outlives a reload: numbers of messages, the place and the position. No names, no addresses with
// tokens; it ends with the tab, so that nothing is left for who uses the browser next.

import { bareEntries, EMPTY, MOST, type Queue, type Repeat } from "./queue";

type Kept = { queue: Queue; position: number };

const REPEATS: readonly Repeat[] = ["off", "all", "one"];

/** The queue as text. Unshuffled order is kept by each entry's place. */
export function written({ queue, position }: Kept): string {
  const { entries, at, shuffled, repeat } = queue;
  return JSON.stringify({
    refs: entries.map((one) => [one.chat, one.message, one.place]),
    at,
    shuffled,
    repeat,
    position: Math.floor(position),
  });
}

/** The queue from a text; null when it is none. */
export function readKept(text: string | null): Kept | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text ?? "null");
  } catch {
    return null;
  }
  if (typeof raw !== "object" || raw === null || !("refs" in raw) || !Array.isArray(raw.refs)) return null;
  const refs = raw.refs.filter(isRef).slice(0, MOST);
  const field = (name: string): unknown => Object.entries(raw).find(([key]) => key === name)?.[1];
  const at = field("at");
  const position = field("position");
  if (!refs.length || typeof at !== "number" || !refs[at]) return null;
  const entries = bareEntries(refs.map(([chat, message]) => [chat, message] as const));
  return {
    queue: {
      ...EMPTY,
      entries: entries.map((one, index) => ({ ...one, place: refs[index]?.[2] ?? one.place })),
      at,
      shuffled: field("shuffled") === true,
      repeat: REPEATS.find((one) => one === field("repeat")) ?? "off",
    },
    position: typeof position === "number" && position > 0 ? position : 0,
  };
}

const isRef = (one: unknown): one is [number, number, number] =>
  Array.isArray(one) && one.length === 3 && one.every((part) => Number.isSafeInteger(part));
