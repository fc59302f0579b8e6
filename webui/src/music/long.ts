// Audiobooks and podcasts go on where they were left; songs begin at their beginning. Pure.

import type { Track } from "./queue";

/** Seconds from which a sound is nothing that one hears as a whole. */
export const LONG = 20 * 60;
/** Seconds between two reports to the server. */
export const EVERY = 15;

type Part = Pick<Track, "duration" | "watched">;

export const isLong = (track: Pick<Track, "duration">) => (track.duration ?? 0) > LONG;

/** Where a track begins: where it was left, but not in its last seconds. */
export function startOf(track: Part): number {
  const { watched } = track;
  if (!isLong(track) || !watched || watched.finished) return 0;
  const whole = track.duration ?? watched.duration ?? 0;
  return watched.position > 5 && watched.position < whole - 10 ? watched.position : 0;
}

/** Whether to report again: after a while, or at once when it stops. Never 0, which a fresh load would write. */
export const reports = (position: number, last: number, stops: boolean) =>
  position > 5 && (stops ? Math.abs(position - last) >= 1 : Math.abs(position - last) >= EVERY);
