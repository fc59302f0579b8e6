// How far a file was watched, on whichever device.

import { queryOptions } from "@tanstack/react-query";
import { address, bearer, isElsewhere } from "./address";
import { ask, client, type Item, type Schemas } from "./client";

export type WatchState = Schemas["WatchState"];
export type Progress = Schemas["Progress"];
type Ref = Pick<Item, "chat_id" | "message_id">;

/** Where the caller is in a file. Never from memory: another device may have gone on. */
export const watchQuery = (item: Ref) =>
  queryOptions({
    queryKey: ["watch", item.chat_id, item.message_id],
    queryFn: ({ signal }) => readWatch(item, signal),
    staleTime: 0,
    gcTime: 5000,
    refetchOnMount: "always",
  });

export const readWatch = (item: Ref, signal?: AbortSignal): Promise<WatchState> =>
  ask(
    client().GET("/api/watch/{chat_id}/{message_id}", {
      params: { path: { chat_id: item.chat_id, message_id: item.message_id } },
      signal,
      cache: "no-store",
    }),
  );

/** Stores it; also while the page is left. null where the server did not take it: the next time will do. */
export async function writeWatch(item: Ref, progress: Progress): Promise<WatchState | null> {
  try {
    const answer = await fetch(address(`/api/watch/${item.chat_id}/${item.message_id}`), {
      method: "PUT",
      keepalive: true,
      credentials: isElsewhere() ? "include" : "same-origin",
      headers: {
        "Content-Type": "application/json",
        ...(bearer() ? { Authorization: `Bearer ${bearer()}` } : {}),
      },
      body: JSON.stringify(progress),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
