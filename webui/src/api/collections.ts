// Collections: named lists of files, in the order in which they were added.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask, client, type Item, type Schemas } from "./client";
import { inTurn, pathOf } from "./personal";
import { queries } from "./query";

export type CollectionItem = Schemas["CollectionItem"];
export type CollectionPage = Schemas["CollectionPage"];
type Ref = Pick<Item, "chat_id" | "message_id">;

export const LONGEST_NAME = 100;
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

const changed = () => queries.invalidateQueries({ queryKey: ["collections"] });

async function changing<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await inTurn(send);
  } finally {
    await changed();
  }
}

/** Raises Problem 409 where the name is taken. */
export const makeCollection = (name: string) =>
  changing(() => ask<CollectionItem>(client().POST("/api/collections", { body: { name } })));

export const renameCollection = (id: number, name: string) =>
  changing(() =>
    ask<CollectionItem>(
      client().PUT("/api/collections/{collection}", { params: { path: { collection: id } }, body: { name } }),
    ),
  );

export const deleteCollection = (id: number) =>
  changing(() =>
    ask<unknown>(client().DELETE("/api/collections/{collection}", { params: { path: { collection: id } } })),
  );

/** Adds files to a collection, one after the other so that they keep their order, or takes them out. */
export const setMembers = (id: number, files: readonly Ref[], on: boolean) =>
  changing(async () => {
    for (const file of files) {
      const params = { path: { collection: id, ...pathOf(file).path } };
      const one = "/api/collections/{collection}/{chat_id}/{message_id}";
      await ask<unknown>(on ? client().PUT(one, { params }) : client().DELETE(one, { params }));
    }
  });
