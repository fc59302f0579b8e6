// What the charts of "Now" show: the latest samples, kept in memory while the page is open. Pure but for the two stores
// at the end.

import type { Stats } from "@/api/stats";

/** Totals at a moment, in seconds. */
export type Sample<T extends Record<string, number>> = { at: number } & { total: T };

export const KEPT = 150; // five minutes at a sample every two seconds

/** The samples with one more; the oldest make room. A total that went down is that of a server that was restarted. */
export function withSample<T extends Record<string, number>>(
  samples: readonly Sample<T>[],
  next: Sample<T>,
  kept = KEPT,
): Sample<T>[] {
  const last = samples.at(-1);
  if (last && next.at - last.at < 0.5) return [...samples];
  const restarted =
    last !== undefined && Object.keys(next.total).some((name) => (next.total[name] ?? 0) < (last.total[name] ?? 0));
  return restarted ? [next] : [...samples, next].slice(-kept - 1);
}

/** Change per second between neighbours: times, and one row of values for each name. */
export function rates<T extends Record<string, number>>(
  samples: readonly Sample<T>[],
  names: readonly (keyof T & string)[],
) {
  const times: number[] = [];
  const values: number[][] = names.map(() => []);
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    if (!before) continue;
    const seconds = sample.at - before.at;
    times.push(sample.at);
    names.forEach((name, row) => {
      const change = (sample.total[name] ?? 0) - (before.total[name] ?? 0);
      values[row]?.push(seconds > 0 ? Math.max(0, change / seconds) : 0);
    });
  }
  return { times, values };
}

/** The share of pieces that were not asked of Telegram; null before the first. */
export function hits(
  cells: Pick<Stats["cells"], "memory" | "disk" | "telegram">,
): { served: number; of: number } | null {
  const served = cells.memory + cells.disk;
  const of = served + cells.telegram;
  return of ? { served, of } : null;
}

export type Seen = { bytes: number; at: number; rate: number };

/** Bytes per second of each stream since it was last seen; `key` tells streams apart. Those that have ended go. */
export function streamRates<T extends { bytes: number }>(
  before: ReadonlyMap<string, Seen>,
  streams: readonly T[],
  key: (stream: T) => string,
  at: number,
): Map<string, Seen> {
  return new Map(
    streams.map((stream) => {
      const seen = before.get(key(stream));
      if (!seen) return [key(stream), { bytes: stream.bytes, at, rate: 0 }];
      if (at - seen.at < 0.5) return [key(stream), seen];
      const rate = Math.max(0, stream.bytes - seen.bytes) / (at - seen.at);
      return [key(stream), { bytes: stream.bytes, at, rate }];
    }),
  );
}

/** A list of samples that outlives the section which shows it. */
function store<T extends Record<string, number>>() {
  let samples: Sample<T>[] = [];
  const watchers = new Set<() => void>();
  return {
    add(total: T, at = Date.now() / 1000) {
      samples = withSample(samples, { at, total });
      for (const tell of watchers) tell();
    },
    get: () => samples,
    watch(tell: () => void) {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
  };
}

export const sent = store<{ bytes: number }>();
export const cells = store<{ memory: number; disk: number; telegram: number }>();
