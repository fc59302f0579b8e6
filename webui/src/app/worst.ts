// Which one of the things that go wrong is said above every page. Pure.

import type { Condition, Link } from "@/api/live";

export type Worst =
  | { is: "offline" }
  /** The server is not reached; tried again at `again`, in milliseconds. */
  | { is: "lost"; again: number }
  /** Something that the server cannot do, which those who watch notice. */
  | { is: "condition"; what: "database" | "telegram" | "flood" | "data_centre"; until: number | null; subject: string };

const NOTICED = ["database", "telegram", "flood", "data_centre"] as const;
const TRIES = 2; // a connection that comes back at once is not worth a line

export function worstOf(online: boolean, link: Link, conditions: readonly Condition[]): Worst | null {
  if (!online) return { is: "offline" };
  if (link.failures >= TRIES) return { is: "lost", again: link.again ?? 0 };
  for (const what of NOTICED) {
    const found = conditions.find((one) => one.what === what);
    if (found) return { is: "condition", what, until: found.until, subject: found.subject };
  }
  return null;
}
