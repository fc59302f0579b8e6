import { queryOptions, skipToken } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import type { Accounts, Streams } from "./live";

export type Stats = Schemas["Stats"];

/** The state of the streaming engine; asked again while somebody looks. */
export const statsQuery = queryOptions({
  queryKey: ["stats"],
  queryFn: ({ signal }) => ask<Stats>(client().GET("/api/stats", { signal })),
  staleTime: 2000,
});

/** What the topic `accounts` said last. */
export const accountsQuery = queryOptions<Accounts>({ queryKey: ["accounts"], queryFn: skipToken });

/** What the topic `streams` said last. */
export const streamsQuery = queryOptions<Streams>({ queryKey: ["streams"], queryFn: skipToken });
