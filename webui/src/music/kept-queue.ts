// The queue in the storage of the tab.

import { readKept, written } from "./keep";
import { KEPT, setPresence } from "./presence";
import type { Queue } from "./queue";
import { clockOf, music } from "./state";

let last = 0;

/** Shows and keeps another queue. */
export function changeQueue(queue: Queue): void {
  music.set({ queue });
  keepQueue();
  setPresence(queue.entries.length > 0);
}

export function keepQueue(): void {
  const { queue } = music.get();
  last = clockOf.get().position;
  try {
    if (queue.entries.length) sessionStorage.setItem(KEPT, written({ queue, position: last }));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // such a browser begins with an empty queue
  }
}

/** Keeps the position now and then. */
export function keepPosition(): void {
  if (Math.abs(clockOf.get().position - last) >= 5) keepQueue();
}

/** The queue of before a reload; null where there was none. */
export function keptQueue(): { queue: Queue; position: number } | null {
  try {
    return readKept(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
