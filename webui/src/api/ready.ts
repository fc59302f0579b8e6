// Whether the server can do everything: `/readyz`, which is not described by the API and may be read by everybody.

import { address, isElsewhere } from "./address";
import { Problem } from "./problem";

export type Waiting = "lease" | "flood" | "telegram" | "database";
export type Ready = {
  /** What a server that starts waits for; null where it serves. */
  waitingFor: Waiting | null;
  /** Unix seconds; null where the end is not known. */
  until: number | null;
};

const WAITING: readonly Waiting[] = ["lease", "flood", "telegram", "database"];

export const readyQuery = {
  queryKey: ["ready"],
  staleTime: 0,
  retry: false,
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Ready> => {
    const answer = await fetch(address("/readyz", { token: "" }), {
      signal,
      cache: "no-store",
      credentials: isElsewhere() ? "omit" : "same-origin",
    }).catch(() => {
      throw new Problem(0, "Unreachable", "The server cannot be reached.");
    });
    return readyOf(await answer.json().catch(() => null));
  },
};

export function readyOf(body: unknown): Ready {
  const told: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  return {
    waitingFor: WAITING.find((one) => one === told.waiting_for) ?? null,
    until: typeof told.until === "number" ? told.until : null,
  };
}
