import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem, passes } from "./problem";

/** What the server says is kept here; what changes is asked for anew by api/events.ts. */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      const refused = error instanceof Problem && (error.status === 401 || error.status === 403);
      if (refused && queryKey[0] !== "me") whoAsks();
    },
  }),
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

/** Asks anew who asks: a link that was revoked, or a session that was ended, opens no page any more. */
export const whoAsks = () => void queries.invalidateQueries({ queryKey: ["me"] });
