// Lists that come page by page, each from behind the last item of the page before; and their beginnings.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Filters, unsorted } from "./catalog";
import { ask, client, type Item, type WorkItem } from "./client";
import { WINDOW, worksOf } from "./windows";

type Page<T> = { items: T[]; next_cursor?: string | null };
const flat = <T>({ pages }: { pages: Page<T>[] }): T[] => pages.flatMap(({ items }) => items);
const behind = { initialPageParam: null as string | null };
const next = ({ next_cursor }: Page<unknown>) => next_cursor ?? null;

/** The favourites, or what is hidden. */
export const ownPages = (list: "favourites" | "hidden") =>
  infiniteQueryOptions({
    queryKey: [list] as const,
    queryFn: ({ pageParam, signal }): Promise<Page<Item>> => {
      const query = { limit: WINDOW, ...(pageParam === null ? {} : { cursor: Number(pageParam) }) };
      return ask(
        list === "favourites"
          ? client().GET("/api/favourites", { params: { query }, signal })
          : client().GET("/api/hidden", { params: { query }, signal }),
      );
    },
    ...behind,
    getNextPageParam: next,
    select: flat<Item>,
    staleTime: 0,
  });

/** What was begun and not finished, or what was watched to its end; the latest first. */
export const watchPages = (finished: boolean) =>
  infiniteQueryOptions({
    queryKey: ["watch", "pages", finished] as const,
    queryFn: ({ pageParam, signal }): Promise<Page<Item>> => {
      const query = { limit: WINDOW, finished, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return ask(client().GET("/api/watch", { params: { query }, signal }));
    },
    ...behind,
    getNextPageParam: next,
    select: flat<Item>,
    staleTime: 0, // another device may have gone on
  });

type WorkFilters = Filters & { series?: boolean };

/** All films and series among files, or of `series` one of both. */
export const worksPages = (filters: WorkFilters) =>
  infiniteQueryOptions({
    queryKey: ["works", filters, "pages"] as const,
    queryFn: async ({ pageParam, signal }): Promise<Page<WorkItem>> => {
      const { series, ...rest } = filters;
      const place = { limit: WINDOW, ...(pageParam === null ? {} : { cursor: pageParam }) };
      const query = { ...worksOf(rest), ...(series === undefined ? {} : { series }), ...place };
      const { works, next_cursor } = await ask(client().GET("/api/works", { params: { query }, signal }));
      return { items: works, next_cursor };
    },
    ...behind,
    getNextPageParam: next,
    select: flat<WorkItem>,
  });

/** Films and series, those with the newest files first. */
export const worksQuery = (filters: WorkFilters, limit: number) =>
  queryOptions({
    queryKey: ["works", filters, limit] as const,
    queryFn: async ({ signal }) => {
      const { series, ...rest } = filters;
      const query = { ...worksOf(unsorted(rest)), ...(series === undefined ? {} : { series }), limit };
      return (await ask(client().GET("/api/works", { params: { query }, signal }))).works;
    },
  });
