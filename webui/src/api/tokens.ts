import { infiniteQueryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import type { Right } from "./me";
import { queries } from "./query";

export type Token = Schemas["TokenState"];
export type MadeToken = Schemas["MadeToken"];

export const tokensQuery = infiniteQueryOptions({
  queryKey: ["tokens"],
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) =>
    ask(client().GET("/api/tokens", { params: { query: { cursor: pageParam } }, signal })),
  getNextPageParam: (page) => page.next_cursor,
});

const changed = () => queries.invalidateQueries({ queryKey: ["tokens"] });

/** Makes a token, whose text is in this answer alone. `expiresIn` in seconds, null for never. */
export async function makeToken(name: string, can: Right[], expiresIn: number | null): Promise<MadeToken> {
  const made = await ask(client().POST("/api/tokens", { body: { name, can, expires_in: expiresIn } }));
  await changed();
  return made;
}

export async function revokeToken(id: string): Promise<void> {
  await ask(client().DELETE("/api/tokens/{id}", { params: { path: { id } } }));
  await changed();
}
