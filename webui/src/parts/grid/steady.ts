// A list stays as it is while somebody reads it. New files come first and would push all others down: `shown` of a list
// is how many items it has on the page, and the pages of the list are fetched from behind those that came since.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useReducer } from "react";
import type { Filters } from "@/api/catalog";
import { queries } from "@/api/query";
import { type Histogram, histogramQuery, newestFirst } from "@/api/windows";

const STORED = "sv.totals";
const MOST = 40;

const keyOf = (filters: Filters) =>
  JSON.stringify(Object.entries(filters).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));

/** What lists have on the page, for as long as the tab lives: a page that one comes back to has its height at once. */
const shown = new Map<string, number>(stored());

function stored(): [string, number][] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && Number.isSafeInteger(value[1]);
}

function show(filters: Filters, total: number): void {
  const key = keyOf(filters);
  shown.delete(key);
  shown.set(key, total);
  for (const oldest of shown.keys()) if (shown.size > MOST) shown.delete(oldest);
  try {
    sessionStorage.setItem(STORED, JSON.stringify([...shown]));
  } catch {
    // known until the page is left
  }
}

/** How many items a list has that are not on the page yet. */
export function newSince(total: number | undefined, filters: Filters): number {
  const known = shown.get(keyOf(filters));
  return total === undefined || known === undefined ? 0 : Math.max(0, total - known);
}

/** How many new items come before those that the page shows. */
export function shiftOf(filters: Filters): number {
  if (!newestFirst(filters)) return 0;
  return newSince(queries.getQueryData(histogramQuery(filters).queryKey)?.total, filters);
}

export const isWindowOf = (filters: Filters) => (query: { queryKey: readonly unknown[] }) =>
  query.queryKey[0] === "catalog" &&
  query.queryKey[2] === "window" &&
  keyOf(Object(query.queryKey[1])) === keyOf(filters);

export type Steady = {
  /** Items on the page; undefined until that is known. */
  count: number | undefined;
  histogram: Histogram | undefined;
  /** New ones that are not shown. */
  fresh: number;
  /** Why the size is not known; it may be on its way again. */
  error: Error | null;
  again: () => void;
  /** Shows the new ones. */
  take: () => void;
};

/** The size of a list. `atTop`: whether its beginning is in sight, where new ones may come in without moving anything. */
export function useSteady(filters: Filters, atTop: () => boolean): Steady {
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const { data, error, failureReason, refetch } = useQuery(histogramQuery(filters));
  const total = data?.total;
  const take = () => {
    if (total === undefined) return;
    const before = shown.get(keyOf(filters));
    show(filters, total);
    if (before !== undefined && before !== total) queries.invalidateQueries({ predicate: isWindowOf(filters) });
    redraw();
  };
  const fresh = newSince(total, filters);
  const takes = total !== undefined && (fresh === 0 || !newestFirst(filters) || atTop());
  // biome-ignore lint/correctness/useExhaustiveDependencies: decided once for each answer of the server
  useEffect(() => {
    if (takes) take();
  }, [total, keyOf(filters)]);
  const count = shown.get(keyOf(filters)) ?? total;
  return {
    count,
    histogram: data,
    fresh: takes ? 0 : fresh,
    error: data ? null : (error ?? failureReason),
    again: () => refetch(),
    take,
  };
}
