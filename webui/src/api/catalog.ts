// What lists are made of: pages by place, counts for scrubbing and facets. One key for each selection.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ListSearch, Order, Sort } from "@/app/search";
import { ask, client, type Item, type Kind, type Schemas } from "./client";

/** What a list is of, and in which order. */
export type Filters = {
  q?: string;
  kind?: Kind;
  chat?: number;
  tag?: string;
  year?: number;
  resolution?: string;
  language?: string;
  hidden?: boolean;
  since?: number;
  work?: string;
  sort?: Sort;
  order?: Order;
};
export type Histogram = Schemas["HistogramCounts"];
export type Facets = Schemas["FacetCounts"];

/** The items of a list that are fetched in one request. */
export const WINDOW = 60;

/** The filters of a page: those in its address, and those that make it the page that it is. */
export function filtersOf({ view: _, ...search }: ListSearch, fixed: Filters = {}): Filters {
  const all = { ...search, ...fixed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ""));
}

/** The same selection in any order. */
export const unsorted = ({ sort: _sort, order: _order, ...rest }: Filters): Filters => rest;

/** Whether the newest files come first, so that new ones push the others down. */
export const newestFirst = ({ sort = "date", order = "desc" }: Filters) => sort === "date" && order === "desc";

/** A selection as a query of the API. */
export function queryOf({ chat, ...rest }: Filters) {
  return { ...rest, ...(chat === undefined ? {} : { chat_id: [chat] }) };
}

export const windowKey = (filters: Filters, number: number) => ["catalog", filters, "window", number] as const;

/** Items `number * WINDOW` and on; `shift` of the list's present ones come before those that are shown. */
export const windowQuery = (filters: Filters, number: number, shift: () => number = () => 0) =>
  queryOptions({
    queryKey: windowKey(filters, number),
    queryFn: async ({ signal }): Promise<Item[]> => {
      const query = { ...queryOf(filters), limit: WINDOW, offset: number * WINDOW + shift() };
      return (await ask(client().GET("/api/catalog", { params: { query }, signal }))).items;
    },
    staleTime: 5 * 60_000, // what changes is told by events
    gcTime: 10 * 60_000,
  });

/** How many items a list has, and where its months or letters begin; lists by size have months of another order. */
export const histogramQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ["catalog", filters, "histogram"] as const,
    queryFn: ({ signal }): Promise<Histogram> => {
      const { sort, ...rest } = queryOf(filters);
      const by = sort === "name" ? "letter" : "month";
      const query = { ...rest, by, sort: sort === "name" ? sort : "date" } as const;
      return ask<Histogram>(client().GET("/api/catalog/histogram", { params: { query }, signal }));
    },
    staleTime: 5 * 60_000,
  });

/** Counts per kind, channel, year and so on. */
export const facetsQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ["catalog", unsorted(filters), "facets"] as const,
    queryFn: ({ signal }): Promise<Facets> =>
      ask<Facets>(client().GET("/api/catalog/facets", { params: { query: queryOf(unsorted(filters)) }, signal })),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** The first items of a list, for a row of a page. */
export const firstQuery = (filters: Filters, limit: number) =>
  queryOptions({
    queryKey: ["catalog", filters, "first", limit] as const,
    queryFn: async ({ signal }): Promise<Item[]> =>
      (await ask(client().GET("/api/catalog", { params: { query: { ...queryOf(filters), limit } }, signal }))).items,
  });

/** What was begun and not finished, or what was watched to its end; the latest first. */
export const continueQuery = (limit = 20, finished = false) =>
  queryOptions({
    queryKey: ["watch", limit, finished] as const,
    queryFn: async ({ signal }) =>
      (await ask(client().GET("/api/watch", { params: { query: { limit, finished } }, signal }))).items,
    staleTime: 0, // another device may have gone on
  });
