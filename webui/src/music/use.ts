// What components watch of the music.

import { current, type Entry } from "./queue";
import { clockOf, music } from "./state";
import { useStore } from "./store";

export const useCurrent = (): Entry | undefined => useStore(music, ({ queue }) => current(queue));
export const usePlaying = (): boolean => useStore(music, ({ playing }) => playing);
export const useClock = () => useStore(clockOf, (clock) => clock);

/** Whether a file is the one that plays, or would if Play were pressed. */
export const useIsCurrent = (chat: number, message: number): boolean =>
  useStore(music, ({ queue }) => {
    const entry = current(queue);
    return entry?.chat === chat && entry.message === message;
  });
