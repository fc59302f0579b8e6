// What is shown in place of pages: pure, from who asks, and from what went wrong when that was asked.

import type { Me } from "@/api/client";
import { Problem } from "@/api/problem";

export type Standing =
  | { is: "open" }
  /** Nobody known asks: the log-in. */
  | { is: "login" }
  /** The link in the address opens nothing (any more). */
  | { is: "link" }
  /** Not asked successfully yet, and worth asking again after so many seconds. */
  | { is: "away" | "starting" | "limited"; again: number };

/** `failures`: how often it was asked in vain, one after another. */
export function standingOf(
  me: Pick<Me, "role" | "can"> | undefined,
  error: unknown,
  token: string,
  failures: number,
): Standing {
  if (me) {
    if (me.role !== "none" || me.can.length > 0) return { is: "open" };
    return { is: token ? "link" : "login" };
  }
  if (!(error instanceof Problem)) return { is: "open" };
  const again = error.retryAfter ? Math.min(60, error.retryAfter) : Math.min(15, 2 ** failures);
  if (error.status === 429) return { is: "limited", again };
  if (error.status === 503) return { is: "starting", again: Math.min(5, again) };
  if (error.status === 0 || error.status === 502 || error.status === 504) return { is: "away", again };
  return { is: "open" };
}
