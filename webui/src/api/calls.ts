// What plays in the calls of chats, and what is done with it.

import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { hear } from "./live";
import { queries } from "./query";

export type Entry = Schemas["EntryItem"];
export type Loop = Schemas["LoopWish"]["loop"];
export type CallChat = Schemas["CallChatItem"];
export type PlayWish = Pick<Schemas["PlayWish"], "items" | "position" | "now" | "video">;
type Told = Schemas["CallItem"];

/** A call; `heard`: when the server told it, in milliseconds of this device. */
export type Call = Told & { heard: number };
/** `missing`: why nothing can be played in calls, "" where it can. */
export type Calls = { calls: readonly Call[]; missing: string };

const AGAIN = 30_000;
const SOON = 5000;

/** The calls in which something plays, waits or failed. */
export const callsQuery = queryOptions({
  queryKey: ["calls"],
  queryFn: async ({ signal }): Promise<Calls> => {
    const { items, missing } = await ask(client().GET("/api/voice", { signal }));
    return { calls: mergedCalls(known(), items, true, Date.now()), missing: missing ?? "" };
  },
  staleTime: 0,
  refetchInterval: AGAIN,
});

/** The chats in whose calls can be played, by their titles; asked for again while there are none. */
export const callChatsQuery = queryOptions({
  queryKey: ["calls", "chats"],
  queryFn: async ({ signal }) => (await ask(client().GET("/api/voice/chats", { signal }))).items,
  staleTime: 0,
  refetchInterval: ({ state }) => (state.data?.length === 0 ? SOON : false),
});

/**
 * The calls after something was told, in their order, new ones last: all that there are with the present state, else
 * those that have changed. What was told of earlier than what is known changes nothing; idle calls are gone.
 */
export function mergedCalls(
  before: readonly Call[],
  told: readonly Told[],
  snapshot: boolean,
  heard: number,
): readonly Call[] {
  const found = new Map(before.map((call) => [call.chat_id, call]));
  const here = new Set(told.map((call) => call.chat_id));
  for (const call of told) {
    const older = found.get(call.chat_id);
    if (!older || older.at <= call.at) found.set(call.chat_id, { ...call, heard });
  }
  return [...found.values()].filter((call) => call.item && (!snapshot || here.has(call.chat_id)));
}

const known = (): readonly Call[] => queries.getQueryData<Calls>(["calls"])?.calls ?? [];

function keep(told: readonly Told[], snapshot: boolean): void {
  const calls = mergedCalls(known(), told, snapshot, Date.now());
  queries.setQueryData(callsQuery.queryKey, (before) => ({ missing: before?.missing ?? "", calls }));
}

hear("voice", (data) => keep((data as { calls?: Told[] }).calls ?? [], data.snapshot === true));

async function changed(answer: Parameters<typeof ask<Told>>[0]): Promise<void> {
  keep([await ask<Told>(answer)], false);
}

const at = (chat: number) => ({ path: { chat_id: chat } });

export type CallChange = "pause" | "resume" | "skip" | "shuffle" | "stop";

export function changeCall(chat: number, change: CallChange): Promise<void> {
  const params = at(chat);
  const asked = {
    pause: () => client().POST("/api/voice/{chat_id}/pause", { params }),
    resume: () => client().POST("/api/voice/{chat_id}/resume", { params }),
    skip: () => client().POST("/api/voice/{chat_id}/skip", { params }),
    shuffle: () => client().POST("/api/voice/{chat_id}/shuffle", { params }),
    stop: () => client().POST("/api/voice/{chat_id}/stop", { params }),
  };
  return changed(asked[change]());
}

export const playInCall = (chat: number, wish: PlayWish) =>
  changed(
    client().POST("/api/voice/{chat_id}/play", {
      params: at(chat),
      body: { ...wish, query: "", url: "", limit: 1, track: 0 },
    }),
  );

export const seekCall = (chat: number, position: number) =>
  changed(client().POST("/api/voice/{chat_id}/seek", { params: at(chat), body: { position } }));

export const setCallVolume = (chat: number, volume: number) =>
  changed(client().POST("/api/voice/{chat_id}/volume", { params: at(chat), body: { volume } }));

export const setCallLoop = (chat: number, loop: Loop) =>
  changed(client().POST("/api/voice/{chat_id}/loop", { params: at(chat), body: { loop } }));

export const orderQueue = (chat: number, ids: string[]) =>
  changed(client().PUT("/api/voice/{chat_id}/queue", { params: at(chat), body: { ids } }));

export const emptyQueue = (chat: number) =>
  changed(client().DELETE("/api/voice/{chat_id}/queue", { params: at(chat) }));

export const removeEntry = (chat: number, id: string) =>
  changed(client().DELETE("/api/voice/{chat_id}/queue/{id}", { params: { path: { chat_id: chat, id } } }));
