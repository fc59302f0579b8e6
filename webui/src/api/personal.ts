// What a person says of files: favourite, watched, hidden. Shown in every list at once, then stored; taken back where
// the server refuses.

import { ask, client, type Item, type Schemas } from "./client";
import { queries } from "./query";

export type WatchState = Schemas["WatchState"];
export type Change = Partial<Pick<Item, "favourite" | "hidden" | "watched">>;
type Ref = Pick<Item, "chat_id" | "message_id">;
type File = Ref & Pick<Item, "file_unique_id">;

export const pathOf = ({ chat_id, message_id }: Ref) => ({ path: { chat_id, message_id } });

/** `data` of a query with every copy of a file changed; the same object where it has none. */
export function withChange(data: unknown, file: string, change: Change): unknown {
  if (Array.isArray(data)) {
    const next = data.map((one) => withChange(one, file, change));
    return next.some((one, at) => one !== data[at]) ? next : data;
  }
  if (typeof data !== "object" || data === null) return data;
  if ("file_unique_id" in data) return data.file_unique_id === file ? { ...data, ...change } : data;
  const entries = Object.entries(data);
  const next = entries.map(([key, value]) => [key, withChange(value, file, change)] as const);
  return next.some(([, value], at) => value !== entries[at]?.[1]) ? Object.fromEntries(next) : data;
}

const WITH_FILES = ["catalog", "work", "watch", "favourites", "hidden", "collections", "search", "history"];

function show(file: File, change: Change): void {
  for (const key of WITH_FILES) {
    queries.setQueriesData({ queryKey: [key] }, (data: unknown) => withChange(data, file.file_unique_id, change));
  }
}

const latest = new Map<string, Change>();

/**
 * Shows a change, stores it by `send`, and takes it back where that fails. What was read before it was stored, and comes
 * meanwhile, does not bring the old state back. Raises Problem.
 */
export async function change<T>(
  file: File,
  to: Change,
  from: Change,
  stale: string[],
  send: () => Promise<T>,
): Promise<T> {
  const showLatest = (what: Change) => latest.get(file.file_unique_id) === to && show(file, what);
  latest.set(file.file_unique_id, to);
  showLatest(to);
  try {
    const stored = await inTurn(send);
    showLatest(to);
    return stored;
  } catch (error) {
    showLatest(from);
    throw error;
  } finally {
    for (const key of stale) void queries.invalidateQueries({ queryKey: [key] });
    for (const key of WITH_FILES) void queries.invalidateQueries({ queryKey: [key], fetchStatus: "fetching" });
  }
}

let first: Promise<unknown> | null = null;

/** A write waits for the first one: the answer to that names the browser by a cookie, and each other would, too. */
export function inTurn<T>(send: () => Promise<T>): Promise<T> {
  if (first) return first.then(send);
  const sent = send();
  first = sent.catch(() => {
    first = null;
  });
  return sent;
}

export const setFavourite = (file: File & Pick<Item, "favourite">, on: boolean) =>
  change(file, { favourite: on }, { favourite: file.favourite }, ["favourites"], () =>
    ask<unknown>(
      on
        ? client().PUT("/api/favourites/{chat_id}/{message_id}", { params: pathOf(file) })
        : client().DELETE("/api/favourites/{chat_id}/{message_id}", { params: pathOf(file) }),
    ),
  );

export const setHidden = (file: File & Pick<Item, "hidden">, on: boolean) =>
  change(file, { hidden: on }, { hidden: file.hidden }, ["catalog", "works", "work", "hidden"], () =>
    ask<unknown>(
      on
        ? client().PUT("/api/hidden/{chat_id}/{message_id}", { params: pathOf(file) })
        : client().DELETE("/api/hidden/{chat_id}/{message_id}", { params: pathOf(file) }),
    ),
  );

type Watched = File & Pick<Item, "watched">;

/** Stores how far a file was watched; null: not at all. */
export const setWatched = (file: Watched, state: WatchState | null) =>
  change(file, { watched: state }, { watched: file.watched }, ["watch"], () =>
    ask<unknown>(
      state
        ? client().PUT("/api/watch/{chat_id}/{message_id}", {
            params: pathOf(file),
            body: { position: state.position, duration: state.duration, finished: state.finished },
          })
        : client().DELETE("/api/watch/{chat_id}/{message_id}", { params: pathOf(file) }),
    ),
  );

/** The state of a file that was watched to its end. */
export const finishedNow = (file: Pick<Item, "duration">, now = Date.now()): WatchState => ({
  position: file.duration ?? 0,
  duration: file.duration,
  finished: true,
  updated: Math.floor(now / 1000),
});
