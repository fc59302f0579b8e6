import { queryOptions, useQuery } from "@tanstack/react-query";
import { ask, client, type Me } from "./client";

export type Right = "read" | "index" | "links" | "people" | "leech" | "voice" | "playback";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => ask<Me>(client().GET("/api/me", { signal })),
  staleTime: 60_000,
  refetchOnWindowFocus: true,
  retry: false, // app/gate.tsx asks again, and says when
});

/** Who asks; undefined until the server has answered. */
export const useMe = () => useQuery(meQuery).data;

/** Whether the person may do something, and the server has it. */
export function may(me: Me | undefined, right: Right, feature?: string): boolean {
  return !!me && me.can.includes(right) && (feature === undefined || me.server.features.includes(feature));
}

/** The topics of events that somebody may hear everywhere; owners hear of streams where they look at them. */
export function topicsOf(me: Me | undefined): string {
  if (!me || me.role === "guest") return ""; // links open no events
  if (me.can.includes("read")) return "accounts,catalog,index";
  return me.can.includes("index") ? "accounts,index" : "";
}
