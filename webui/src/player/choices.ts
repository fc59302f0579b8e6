// What the viewer chose once and wants again: volume, speed, languages, the look of subtitles.

import { Store } from "./store";

export type Choices = {
  volume: number;
  muted: boolean;
  /** Language of the sound; "" for the browser's. */
  audio: string;
  /** Language of the subtitles, "off", or "" where nothing was chosen. */
  subtitles: string;
  size: number;
  autoplay: boolean;
  remaining: boolean;
};

export const SIZES = [0.75, 1, 1.25, 1.5, 2] as const;
const KEY = "sv.player";
const FIRST: Choices = {
  volume: 1,
  muted: false,
  audio: "",
  subtitles: "",
  size: 1,
  autoplay: true,
  remaining: false,
};

export const choices = new Store<Choices>(read());

/** Changes choices and keeps them for the next film. */
export function choose(change: Partial<Choices>): void {
  choices.set(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(choices.get()));
  } catch {
    // kept until the page is closed
  }
}

/** Choices out of a stored text: what is missing or of another type is as at first. Pure. */
export function parsed(text: string | null): Choices {
  try {
    const kept: unknown = JSON.parse(text ?? "{}");
    if (typeof kept !== "object" || kept === null) return FIRST;
    const known = Object.entries(kept).filter(
      ([name, value]) => name in FIRST && typeof value === typeof FIRST[name as keyof Choices],
    );
    const all: Choices = { ...FIRST, ...Object.fromEntries(known) };
    return { ...all, volume: Math.min(1, Math.max(0, all.volume)), size: Math.min(2, Math.max(0.75, all.size)) };
  } catch {
    return FIRST;
  }
}

function read(): Choices {
  try {
    return parsed(localStorage.getItem(KEY));
  } catch {
    return FIRST;
  }
}
