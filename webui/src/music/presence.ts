// Whether there is a queue, for the shell: it loads the player of music only then.

import { useSyncExternalStore } from "react";

export const KEPT = "sv.queue";
const CHANGED = "sv:queue";

let present = kept();

function kept(): boolean {
  try {
    return sessionStorage.getItem(KEPT) !== null;
  } catch {
    return false;
  }
}

export function setPresence(now: boolean): void {
  if (now === present) return;
  present = now;
  window.dispatchEvent(new Event(CHANGED));
}

function watch(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  return () => window.removeEventListener(CHANGED, changed);
}

export const useQueuePresence = () => useSyncExternalStore(watch, () => present);
