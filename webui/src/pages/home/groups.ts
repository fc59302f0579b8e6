import type { Item } from "@/api/client";

/** The items of each channel, the channel with the newest first. */
export function byChannel(items: readonly Item[], most: number): [chat: number, items: Item[]][] {
  const groups = new Map<number, Item[]>();
  for (const item of items) groups.set(item.chat_id, [...(groups.get(item.chat_id) ?? []), item]);
  return [...groups].slice(0, most);
}

/** The series of which an episode was watched to its end last, the latest first. */
export function seriesOf(items: readonly Item[]): string[] {
  const latest = new Map<string, Item>();
  for (const item of items.toSorted((one, other) => (other.watched?.updated ?? 0) - (one.watched?.updated ?? 0))) {
    const work = item.facts?.work ?? "";
    if (work.startsWith("s:") && !latest.has(work)) latest.set(work, item);
  }
  return [...latest].filter(([, { watched }]) => watched?.finished).map(([key]) => key);
}
