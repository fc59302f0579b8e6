// Geometry of the seek bar. Pure.

import type { Chapter } from "@/api/facts";

export type Part = { start: number; end: number; title: string };

/** The bar in parts, with gaps between chapters; one part where there are none. Nothing overlaps, nothing is left out. */
export function partsOf(chapters: readonly Chapter[], duration: number): Part[] {
  const whole = { start: 0, end: duration, title: "" };
  const inside = chapters.filter((one) => one.start >= 0 && one.start < duration).toSorted((a, b) => a.start - b.start);
  if (!duration || inside.length < 2) return [whole];
  const starts = inside.map((one) => one.start);
  const parts = inside.map((one, at) => ({
    start: at ? one.start : 0,
    end: starts[at + 1] ?? duration,
    title: one.title,
  }));
  return parts.filter((part) => part.end > part.start);
}

/** How much of a part lies before a moment, 0 to 1. */
export const filled = (part: Pick<Part, "start" | "end">, time: number) =>
  part.end > part.start ? Math.min(1, Math.max(0, (time - part.start) / (part.end - part.start))) : 0;

export const chapterAt = (parts: readonly Part[], time: number) =>
  parts.find((part) => part.start <= time && time < part.end)?.title ?? "";

/** The moment that a key moves to; null for keys that mean nothing to a slider. */
export function sliderKey(key: string, time: number, duration: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -5,
    ArrowRight: 5,
    PageDown: -60,
    PageUp: 60,
  };
  if (key === "Home") return 0;
  if (key === "End") return duration;
  const step = steps[key];
  return step === undefined ? null : Math.min(duration, Math.max(0, time + step));
}
