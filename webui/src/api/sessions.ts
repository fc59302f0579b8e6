import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { queries } from "./query";

export type Session = Schemas["Session"];

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => ask(client().GET("/api/sessions", { signal })),
});

/** Logs one of the caller's browsers out. */
export async function endSession(id: string): Promise<void> {
  await ask(client().DELETE("/api/sessions/{id}", { params: { path: { id } } }));
  await queries.invalidateQueries({ queryKey: ["sessions"] });
}
