import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "./client";
import { queries } from "./query";

export type { Walk } from "./live";

/** Every walk since the start of the server; events keep it up to date. */
export const walksQuery = queryOptions({
  queryKey: ["index"],
  queryFn: ({ signal }) => ask(client().GET("/api/index", { signal })),
});

/** Starts a walk through a chat's history, by its number or @name. */
export async function startWalk(chat: number | string, again: boolean): Promise<void> {
  await ask(client().POST("/api/index", { body: { chat_id: chat, again } }));
  await queries.invalidateQueries({ queryKey: ["index"] });
}
