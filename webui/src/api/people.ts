import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { queries } from "./query";

export type Person = Schemas["PersonState"];
export type MemberRight = "read" | "links" | "playback" | "leech" | "voice";
export type Grant = { name: string; chats: number[] | null; can: MemberRight[] | null };

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }) => ask(client().GET("/api/people", { signal })),
});

const changed = () => queries.invalidateQueries({ queryKey: ["people"] });

export async function invite(id: number, grant: Grant): Promise<void> {
  await ask(client().POST("/api/people", { body: { id, ...grant } }));
  await changed();
}

export async function changePerson(id: number, grant: Grant): Promise<void> {
  await ask(client().PUT("/api/people/{id}", { params: { path: { id } }, body: grant }));
  await changed();
}

export async function removePerson(id: number): Promise<void> {
  await ask(client().DELETE("/api/people/{id}", { params: { path: { id } } }));
  await changed();
}
