import { infiniteQueryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";

export type AuditEvent = Schemas["AuditEvent"];

export const auditQuery = infiniteQueryOptions({
  queryKey: ["audit"],
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) =>
    ask(client().GET("/api/audit", { params: { query: { cursor: pageParam, limit: 50 } }, signal })),
  getNextPageParam: (page) => page.next_cursor,
});
