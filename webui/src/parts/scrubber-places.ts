// Months and letters of a list, and where they are on the bar beside it. Pure.

import { locale } from "@/i18n";

export type Bucket = { key: string; count: number; offset: number };

/** The bucket that holds item `index`. */
export function bucketAt(buckets: readonly Bucket[], index: number): number {
  let [low, high] = [0, buckets.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((buckets[middle]?.offset ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** A month in words, or the letter. `short`: the year of a month alone, as on the bar. */
export function nameOf(key: string, short = false): string {
  const month = key.match(/^(\d{4})-(\d{2})$/);
  if (!month?.[1] || !month[2]) return key;
  if (short) return month[1];
  const date = new Date(Date.UTC(Number(month[1]), Number(month[2]) - 1));
  return date.toLocaleDateString(locale(), { month: "long", year: "numeric", timeZone: "UTC" });
}

export type Mark = { label: string; at: number };

/** The labels beside the bar: of the buckets that begin a year, or are a letter, as many as there is room for. */
export function marksOf(buckets: readonly Bucket[], total: number, room: number): Mark[] {
  const marks: Mark[] = [];
  const least = 1 / Math.max(1, room);
  let last = "";
  for (const { key, offset } of buckets) {
    const label = nameOf(key, true);
    const at = total ? offset / total : 0;
    if (label !== last && at - (marks.at(-1)?.at ?? -1) >= least && at <= 1 - least / 2) marks.push({ label, at });
    last = label;
  }
  return marks;
}

/** Those of the labels that do not touch what stands at `place`, 0 to 1 of the bar; `room` labels fill it. */
export const besides = (place: number, marks: readonly Mark[], room: number) =>
  marks.filter(({ at }) => Math.abs(at - place) * Math.max(1, room) >= 0.4);

/** The item that a key goes to from `index`, or null: neighbours by arrows, a tenth by pages, both ends. */
export function itemAfter(key: string, index: number, buckets: readonly Bucket[], total: number): number | null {
  const now = bucketAt(buckets, index);
  const to = (bucket: number) => buckets[Math.min(buckets.length - 1, Math.max(0, bucket))]?.offset ?? 0;
  const leap = Math.max(1, Math.round(buckets.length / 10));
  switch (key) {
    case "ArrowDown":
      return to(now + 1);
    case "ArrowUp":
      return to(now - 1);
    case "PageDown":
      return to(now + leap);
    case "PageUp":
      return to(now - leap);
    case "Home":
      return 0;
    case "End":
      return Math.max(0, total - 1);
    default:
      return null;
  }
}
