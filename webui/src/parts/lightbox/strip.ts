// The pictures before and after one, page by page in both directions, wherever in a list of 100,000 it is.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Filters } from "@/api/catalog";
import { ask, client, type Item } from "@/api/client";
import { itemKey } from "./open";
import { around, photoAt, placeOf } from "./place";

const PAGE = 60;
const NEAR = 10; // pictures to the end of what is loaded

export type Strip = {
  items: readonly Item[];
  /** Where the shown one is; -1 while nothing is known. */
  at: number;
  /** Its number in the whole list and how long that is; null while it is being counted. */
  number: { place: number; of: number } | null;
  error: unknown;
  again: () => void;
};

const queryOf = ({ chat, ...rest }: Filters) => ({ ...rest, ...(chat === undefined ? {} : { chat_id: [chat] }) });

/** The strip of a list by date, around the picture in the address. */
export function useStrip(filters: Filters, key: string): Strip {
  const [first] = useState(key); // the strip is put together around the one that was opened
  const at = photoAt(first);
  const photo = useItem(at?.chat ?? 0, at?.message ?? 0);
  const date = photo.data?.date;
  const older = useSide(filters, date, "older");
  const newer = useSide(filters, date, "newer");
  const counts = useCounts(filters, date);
  const items = useMemo(() => around(photo.data, newer.items, older.items), [photo.data, newer.items, older.items]);
  const place = placeOf(items, key);
  useEffect(() => {
    if (place < 0) return;
    if (place < NEAR) newer.more();
    if (place > items.length - NEAR) older.more();
  }, [place, items.length, newer, older]);
  const before = counts === undefined ? undefined : counts.newer - newer.items.length;
  return {
    items,
    at: place,
    number: counts && before !== undefined && place >= 0 ? { place: before + place + 1, of: counts.all } : null,
    error: photo.error,
    again: () => void photo.refetch(),
  };
}

export const useItem = (chat: number, message: number) =>
  useQuery({
    queryKey: itemKey(chat, message),
    queryFn: ({ signal }) =>
      ask(
        client().GET("/api/catalog/{chat_id}/{message_id}", {
          params: { path: { chat_id: chat, message_id: message } },
          signal,
        }),
      ),
    staleTime: 5 * 60_000,
  });

const NONE: readonly Item[] = [];

function useSide(filters: Filters, date: number | undefined, side: "older" | "newer") {
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: ["catalog", filters, "strip", side, date],
    enabled: date !== undefined,
    queryFn: ({ pageParam, signal }) => {
      const from = date ?? 0;
      const bounds =
        side === "older" ? { until: from, order: "desc" as const } : { since: from + 1, order: "asc" as const };
      const query = { ...queryOf(filters), sort: "date" as const, ...bounds, limit: PAGE, cursor: pageParam };
      return ask(client().GET("/api/catalog", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 5 * 60_000,
  });
  return useMemo(
    () => ({
      items: data ? data.pages.flatMap((page) => page.items) : NONE,
      more: () => {
        if (hasNextPage && !isFetching) void fetchNextPage();
      },
    }),
    [data, hasNextPage, isFetching, fetchNextPage],
  );
}

function useCounts(filters: Filters, date: number | undefined) {
  const count = (more: object, signal: AbortSignal) => {
    const query = { ...queryOf(filters), sort: "date" as const, by: "month" as const, ...more };
    return ask(client().GET("/api/catalog/histogram", { params: { query }, signal })).then((found) => found.total);
  };
  return useQuery({
    queryKey: ["catalog", filters, "place", date],
    enabled: date !== undefined,
    queryFn: async ({ signal }) => ({
      all: await count({}, signal),
      newer: await count({ since: (date ?? 0) + 1 }, signal),
    }),
    staleTime: 5 * 60_000,
  }).data;
}
