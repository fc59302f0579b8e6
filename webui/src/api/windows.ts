// Long lists by place: windows of items, and where their months or letters begin. One key for each selection.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Facets, type Filters, queryOf, unsorted } from "./catalog";
import { ask, client, type Item, type Schemas, type WorkItem } from "./client";

export type Histogram = Schemas["HistogramCounts"];
/** What a list has: files, or the films of one that is `of` films. */
export type Listed = Item | WorkItem;

/** The items of a list that are fetched in one request. */
export const WINDOW = 60;

/** Whether the newest files come first, so that new ones push the others down. */
export const newestFirst = ({ sort = "date", order = "desc" }: Filters) => sort === "date" && order === "desc";

/** A selection of films and series as a query of the API; they have no size to be sorted by. */
export function worksOf({ sort, order, ...filters }: Filters) {
  const ordered = sort === "size" ? {} : { ...(sort && { sort }), ...(order && { order }) };
  const { sort: _sort, order: _order, ...query } = queryOf(filters);
  return { ...query, ...ordered };
}

const filmsOf = (filters: Filters) => ({ ...worksOf(filters), series: false });

export const windowKey = (filters: Filters, number: number) => ["catalog", filters, "window", number] as const;

/**
 * Items `number * WINDOW` and on; `shift` of the list's present ones come before those that are shown. T: what `of` of
 * the filters says.
 */
export const windowQuery = <T extends Listed>(filters: Filters, number: number, shift: () => number = () => 0) =>
  queryOptions({
    queryKey: windowKey(filters, number),
    queryFn: async ({ signal }): Promise<T[]> => {
      const place = { limit: WINDOW, offset: number * WINDOW + shift() };
      return (await (filters.of ? filmsAt(filters, place, signal) : filesAt(filters, place, signal))) as T[];
    },
    staleTime: 5 * 60_000, // what changes is told by events
    gcTime: 10 * 60_000,
  });

type Place = { limit: number; offset: number };

const filesAt = async (filters: Filters, place: Place, signal: AbortSignal): Promise<Item[]> =>
  (await ask(client().GET("/api/catalog", { params: { query: { ...queryOf(filters), ...place } }, signal }))).items;

const filmsAt = async (filters: Filters, place: Place, signal: AbortSignal): Promise<WorkItem[]> =>
  (await ask(client().GET("/api/works", { params: { query: { ...filmsOf(filters), ...place } }, signal }))).works;

/** How many items a list has, and where its months or letters begin; lists by size have months of another order. */
export const histogramQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ["catalog", filters, "histogram"] as const,
    queryFn: ({ signal }): Promise<Histogram> => {
      const { sort, ...rest } = filters.of ? filmsOf(filters) : queryOf(filters);
      const by = sort === "name" ? "letter" : "month";
      const query = { ...rest, by, sort: sort === "name" ? sort : "date" } as const;
      return filters.of
        ? ask<Histogram>(client().GET("/api/works/histogram", { params: { query }, signal }))
        : ask<Histogram>(client().GET("/api/catalog/histogram", { params: { query }, signal }));
    },
    staleTime: 5 * 60_000,
  });

/** How many films have each year, resolution and so on. */
export const filmFacetsQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ["catalog", unsorted(filters), "facets"] as const,
    queryFn: ({ signal }): Promise<Facets> =>
      ask<Facets>(client().GET("/api/works/facets", { params: { query: filmsOf(unsorted(filters)) }, signal })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
