// What is asked for anew when the library has changed. The counts come first: lists are fetched from behind what is new,
// so that they stay as they are while somebody reads them (parts/grid/steady.ts).

import type { QueryKey } from "@tanstack/react-query";
import { queries } from "./query";

const LISTS = new Set([
  "works",
  "work",
  "facets",
  "histogram",
  "collections",
  "favourites",
  "hidden",
  "watch",
  "music",
]);

const isWindow = (key: QueryKey) => key[0] === "catalog" && key[2] === "window";
/** New versions of films move these up in their list. */
const isOfFilms = ([, filters]: QueryKey) =>
  typeof filters === "object" && filters !== null && "of" in filters && filters.of === "films";
const isCount = (key: QueryKey) => key[0] === "catalog" && !isWindow(key);

/** Whether a change of the catalog has nothing but new files. */
export const isOnlyAdded = (data: Record<string, unknown>): boolean =>
  data.more !== true && [data.changed, data.removed].every((some) => !Array.isArray(some) || !some.length);

/** Asks anew for what is shown of lists. `inside`: files that were in them have changed, and not only new ones come. */
export async function refreshLists(inside: boolean): Promise<void> {
  const rest = queries.invalidateQueries({ predicate: ({ queryKey }) => LISTS.has(String(queryKey[0])) });
  await queries.invalidateQueries({ predicate: ({ queryKey }) => isCount(queryKey) });
  await queries.invalidateQueries({
    predicate: ({ queryKey }) => isWindow(queryKey) && (inside || isOfFilms(queryKey)),
  });
  await rest;
}
