// When the position of a film is stored, and where it begins. Pure; the clock and the request are given.

import type { Chapter } from "@/api/facts";
import type { Progress, WatchState } from "@/api/watch";

const EVERY = 10; // seconds of playing
const FINISHED = 0.95;
const WORTH = 5; // seconds: less than that is begun anew
const CREDITS = /^\s*(end |closing )?credits\b|^\s*(abspann|générique|титры|créditos)/i;

/** Where the credits begin, as the last chapter says; Infinity where none does. */
export function creditsOf(chapters: readonly Chapter[], duration: number): number {
  const last = chapters.at(-1);
  return last && CREDITS.test(last.title) && last.start > duration / 2 ? last.start : Number.POSITIVE_INFINITY;
}

export type Moment = { time: number; duration: number };
export type Why = "tick" | "pause" | "seek" | "leave" | "end";

/** Decides what is stored: nothing before playing or seeking began, then every 10 s, at pauses, seeks and ends. */
export class Keeper {
  readonly #save: (progress: Progress) => void;
  readonly #credits: () => number;
  #began = false;
  #stored: number | null = null;
  #finished = false;

  constructor(save: (progress: Progress) => void, credits: () => number = () => Number.POSITIVE_INFINITY) {
    this.#save = save;
    this.#credits = credits;
  }

  /** Playing or a seek of the viewer: from now on there is something to store. */
  begin(): void {
    this.#began = true;
  }

  get began(): boolean {
    return this.#began;
  }

  at(why: Why, { time, duration }: Moment): void {
    if (!this.#began || !Number.isFinite(time)) return;
    if (why === "tick" && this.#stored === null) {
      this.#stored = time; // counted from where it began
      return;
    }
    const moved = Math.abs(time - (this.#stored ?? Number.POSITIVE_INFINITY));
    const finished = duration > 0 && (time >= duration * FINISHED || time >= this.#credits());
    if (finished === this.#finished && moved < (why === "tick" ? EVERY : 0.5)) return;
    this.#stored = time;
    this.#finished = finished;
    this.#save({ position: Math.round(time * 10) / 10, ...(duration ? { duration } : {}), finished });
  }
}

export type Begin = {
  at: number /** Whether the viewer is asked: resume or start over. */;
  ask: boolean;
  play: boolean;
};

/** Where to begin. `t`: a moment in the address; `resume`: the viewer has asked for it; `touched`: has done anything yet. */
export function beginOf(
  watched: Pick<WatchState, "position" | "finished"> | null,
  { t, resume = false, touched, duration }: { t?: number; resume?: boolean; touched: boolean; duration: number | null },
): Begin {
  if (t !== undefined && t > 0) return { at: t, ask: false, play: touched };
  const saved = watched && !watched.finished ? watched.position : 0;
  const worth = saved >= WORTH && (!duration || saved < duration * FINISHED);
  if (!worth) return { at: 0, ask: false, play: touched };
  return resume && touched ? { at: saved, ask: false, play: true } : { at: saved, ask: true, play: false };
}

/** Where to go when the server knows a later state than this page: another device has gone on. null: stay. */
export function otherDevice(told: WatchState, known: number | null, time: number): number | null {
  if (told.finished || told.updated === null || (known !== null && told.updated <= known)) return null;
  return Math.abs(told.position - time) > WORTH ? told.position : null;
}
