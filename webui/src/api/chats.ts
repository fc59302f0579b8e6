import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { queries } from "./query";

export type Chat = Schemas["ChatItem"];

export const chatsQuery = queryOptions({
  queryKey: ["chats"],
  queryFn: ({ signal }) => ask(client().GET("/api/chats", { signal })),
});

/** Has a chat served from now on, and its history read. */
export async function serveChat(chat: number): Promise<void> {
  await ask(client().POST("/api/chats/{chat_id}", { params: { path: { chat_id: chat } } }));
  await Promise.all(["chats", "index", "catalog"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
}
