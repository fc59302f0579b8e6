import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { queries } from "./query";

export type Mirror = Schemas["MirrorItem"];
export type NewMirror = { source: number | string; target: number | string; once: boolean; deletions: boolean };

const EVERY = 3000;

/** All mirrors; asked again while the page is open, as no event tells of them. */
export const mirrorsQuery = queryOptions({
  queryKey: ["mirrors"],
  refetchInterval: EVERY,
  queryFn: ({ signal }) => ask(client().GET("/api/mirrors", { signal })),
});

export async function addMirror(body: NewMirror): Promise<void> {
  await ask(client().POST("/api/mirrors", { body }));
  await queries.invalidateQueries({ queryKey: ["mirrors"] });
}

/** Ends a mirror; its copies stay. */
export async function removeMirror(id: string): Promise<void> {
  await ask(client().DELETE("/api/mirrors/{id}", { params: { path: { id } } }));
  await queries.invalidateQueries({ queryKey: ["mirrors"] });
}

/** Says whether the copies of messages that were deleted at once are deleted, too. */
export async function decideDeletions(id: string, remove: boolean): Promise<void> {
  await ask(client().POST("/api/mirrors/{id}/deletions", { params: { path: { id } }, body: { delete: remove } }));
  await queries.invalidateQueries({ queryKey: ["mirrors"] });
}
