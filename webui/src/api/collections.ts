// Collections: named lists of files, in the order in which they were added.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";

export type CollectionItem = Schemas["CollectionItem"];
export type CollectionPage = Schemas["CollectionPage"];

const PAGE = 60;

export const collectionsQuery = queryOptions({
  queryKey: ["collections"] as const,
  queryFn: async ({ signal }) => (await ask(client().GET("/api/collections", { signal }))).collections,
});

/** One collection with its files, page by page. */
export const collectionQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: ["collections", id, "files"] as const,
    queryFn: ({ pageParam, signal }): Promise<CollectionPage> =>
      ask<CollectionPage>(
        client().GET("/api/collections/{collection}", {
          params: { path: { collection: id }, query: { limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor ?? null,
  });

/** The first files of a collection, for its mosaic. */
export const mosaicQuery = (id: number) =>
  queryOptions({
    queryKey: ["collections", id, "mosaic"] as const,
    queryFn: async ({ signal }) =>
      (
        await ask(
          client().GET("/api/collections/{collection}", {
            params: { path: { collection: id }, query: { limit: 4 } },
            signal,
          }),
        )
      ).items,
  });
