// Stored links as a list to manage. Making one is api/links.ts.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { queries } from "./query";

export type StoredLink = Schemas["LinkItem"];

export const allLinksQuery = infiniteQueryOptions({
  queryKey: ["links", "all"],
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) =>
    ask(client().GET("/api/links", { params: { query: { cursor: pageParam } }, signal })),
  getNextPageParam: (page) => page.next_cursor,
});

/** Ends a link at once, also for those who have it open. */
export async function endLink(id: string): Promise<void> {
  await ask(client().DELETE("/api/links/{id}", { params: { path: { id } } }));
  await queries.invalidateQueries({ queryKey: ["links"] });
}
