// What lists are made of: selections, their counts and beginnings. One key for each selection.

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
  /** Films as wholes, each with its versions, in place of files. */
  of?: "films";
};
export type Facets = Schemas["FacetCounts"];

/** The filters of a page: those in its address, and those that make it the page that it is. */
export function filtersOf({ view: _, ...search }: ListSearch, fixed: Filters = {}): Filters {
  const all = { ...search, ...fixed };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ""));
}

/** The same selection in any order. */
export const unsorted = ({ sort: _sort, order: _order, ...rest }: Filters): Filters => rest;

/** A selection as a query of the API. */
export function queryOf({ chat, of: _, ...rest }: Filters) {
  return { ...rest, ...(chat === undefined ? {} : { chat_id: [chat] }) };
}

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
