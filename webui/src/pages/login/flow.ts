// One log-in from its code to its end. Knows neither React nor fetch, so that every way is tested.

import type { Outcome, Started } from "@/api/login";
import { Problem } from "@/api/problem";

export type Over = "refused" | "expired" | "blocked" | "failed";
export type Step =
  | { at: "starting" }
  /** `trouble`: why the server could not be asked just now; the code is still valid. */
  | { at: "waiting"; login: Started; until: number; trouble: string }
  /** `retryAt`: when it is worth trying again, in milliseconds; 0 at once. */
  | { at: "over"; why: Over; words: string; retryAt: number }
  | { at: "in" };

export type Server = {
  start(signal: AbortSignal): Promise<Started>;
  wait(login: Started, signal: AbortSignal): Promise<Outcome>;
  pause(seconds: number, signal: AbortSignal): Promise<void>;
  /** Milliseconds of this machine. */
  now(): number;
};

const LONGEST_CODE = 300;
const LONGEST_PAUSE = 15;

/** Tells each step until the log-in is over, or `signal` is aborted. */
export async function logIn(server: Server, tell: (step: Step) => void, signal: AbortSignal): Promise<void> {
  try {
    tell({ at: "starting" });
    await server.pause(0, signal);
    if (signal.aborted) return;
    const login = await server.start(signal);
    const left = Math.min(LONGEST_CODE, Math.max(30, login.expiresAt - server.now() / 1000)); // clocks may differ
    const until = server.now() + left * 1000;
    const outcome = await answered(server, login, until, tell, signal);
    if (signal.aborted) return;
    tell(outcome === "confirmed" ? { at: "in" } : { at: "over", why: outcome, words: "", retryAt: 0 });
  } catch (error) {
    if (!signal.aborted) tell(failed(error, server.now()));
  }
}

async function answered(
  server: Server,
  login: Started,
  until: number,
  tell: (step: Step) => void,
  signal: AbortSignal,
): Promise<Exclude<Outcome, "waiting">> {
  tell({ at: "waiting", login, until, trouble: "" });
  for (let troubled = false; ; ) {
    try {
      const outcome = await server.wait(login, signal);
      if (outcome !== "waiting" || signal.aborted) return outcome === "waiting" ? "expired" : outcome;
      if (troubled) tell({ at: "waiting", login, until, trouble: "" });
      troubled = false;
    } catch (error) {
      if (signal.aborted || !(error instanceof Problem) || !again(error)) throw error;
      if (server.now() > until + 60_000) return "expired"; // nobody knows the code any more
      tell({ at: "waiting", login, until, trouble: error.message });
      troubled = true;
      await server.pause(Math.min(LONGEST_PAUSE, error.retryAfter || 3), signal);
    }
  }
}

const again = ({ status }: Problem) => status === 0 || status === 429 || status >= 500;

function failed(error: unknown, now: number): Step {
  const problem = error instanceof Problem ? error : new Problem(-1, "", error instanceof Error ? error.message : "");
  const blocked = problem.status === 401 || problem.status === 403;
  return {
    at: "over",
    why: blocked ? "blocked" : "failed",
    words: problem.message,
    retryAt: problem.retryAfter ? now + problem.retryAfter * 1000 : 0,
  };
}
