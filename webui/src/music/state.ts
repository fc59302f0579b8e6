// What the player of music shows. Changed by control.ts alone.

import { EMPTY, type Queue } from "./queue";
import { createStore } from "./store";

export type Music = {
  queue: Queue;
  playing: boolean;
  loading: boolean;
  /** A sentence for the person, "" for none. */
  notice: string;
  volume: number;
  muted: boolean;
};

const VOLUME = "sv.music.volume";

export const music = createStore<Music>({
  queue: EMPTY,
  playing: false,
  loading: false,
  notice: "",
  volume: keptVolume(),
  muted: false,
});

/** Apart from the rest, as it changes several times a second. */
export const clockOf = createStore({ position: 0, duration: 0 });

export function keepVolume(value: number): void {
  try {
    localStorage.setItem(VOLUME, String(value));
  } catch {
    // as loud as the next page begins
  }
}

function keptVolume(): number {
  try {
    const kept = Number(localStorage.getItem(VOLUME) ?? 1);
    return kept >= 0 && kept <= 1 ? kept : 1;
  } catch {
    return 1;
  }
}
