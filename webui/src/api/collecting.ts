// What changes collections: no part of the first page.

import { ask, client, type Item } from "./client";
import type { CollectionItem } from "./collections";
import { inTurn, pathOf } from "./personal";
import { queries } from "./query";

type Ref = Pick<Item, "chat_id" | "message_id">;

export const LONGEST_NAME = 100;

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
