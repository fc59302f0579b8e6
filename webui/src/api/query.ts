import { QueryClient } from "@tanstack/react-query";
import { passes } from "./problem";

/** What the server says is kept here; what changes is asked for anew by api/events.ts. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      networkMode: "always", // a server on this machine answers offline, too
      retry: (failures, error) => passes(error) && failures < 5,
      retryDelay: (failures, error) =>
        1000 * (passes(error) && error.retryAfter ? Math.min(30, error.retryAfter) : Math.min(15, 2 ** failures)),
    },
    mutations: { networkMode: "always" },
  },
});
