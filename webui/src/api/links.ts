// Stored links: addresses that open one file, a collection or a search for whoever holds them, until they are revoked.

import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Item, type Schemas } from "./client";
import { queries } from "./query";

export type Link = Schemas["LinkItem"];
export type Scope = Link["scope"];
/** What a link opens. */
export type Target = Pick<Item, "chat_id" | "message_id"> | { collection: number } | { query: string };
export type Terms = { scope: Scope; expires_in: number | null; viewers: number | null };

export const linksQuery = queryOptions({
  queryKey: ["links"] as const,
  queryFn: async ({ signal }) =>
    (await ask(client().GET("/api/links", { params: { query: { limit: 500 } }, signal }))).items,
  staleTime: 0,
});

export async function makeLink(target: Target, terms: Terms): Promise<Link> {
  const opens = "chat_id" in target ? { chat_id: target.chat_id, message_id: target.message_id } : target; // no more fields are taken
  const made = await ask<Link>(client().POST("/api/links", { body: { ...opens, ...terms } }));
  void queries.invalidateQueries({ queryKey: ["links"] });
  return made;
}

export async function revokeLink(id: string): Promise<void> {
  await ask<unknown>(client().DELETE("/api/links/{id}", { params: { path: { id } } }));
  void queries.invalidateQueries({ queryKey: ["links"] });
}

/** The address to hand on: the page to watch on, else the download. */
export const addressOf = (link: Link): string => link.watch_url ?? link.download_url ?? link.url;
