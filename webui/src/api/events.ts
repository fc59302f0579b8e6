// The server's events (`/api/events`): read by fetch, since an EventSource sends no Authorization and gives up for good
// at 429 and 503. Comes back by itself with Last-Event-ID, after what the server asks or a growing pause.

import { EventSourceParserStream } from "eventsource-parser/stream";
import { address, bearer, isElsewhere } from "./address";

export type Topic = "jobs" | "index" | "voice" | "catalog" | "accounts" | "streams";
export type Told = { topic: Topic; data: Record<string, unknown> & { snapshot?: boolean } };
/** `away`: it is tried again; `closed`: the caller may not listen. */
export type Connection = "connecting" | "live" | "away" | "closed";

const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 30;

/**
 * Listens to topics until `signal` is aborted. `told` gets each event, `state` how the connection is, and in how many
 * seconds one that is away is tried again.
 */
export async function listen(
  topics: readonly Topic[],
  signal: AbortSignal,
  told: (event: Told) => void,
  state: (connection: Connection, again?: number) => void = () => {},
): Promise<void> {
  let last = "";
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    let asked = 0;
    try {
      state("connecting");
      const answer = await fetch(address("/api/events", { topics: topics.join(",") }), {
        headers: {
          Accept: "text/event-stream",
          ...(last ? { "Last-Event-ID": last } : {}),
          ...(bearer() ? { Authorization: `Bearer ${bearer()}` } : {}),
        },
        credentials: isElsewhere() ? "omit" : "same-origin",
        cache: "no-store",
        signal,
      });
      asked = Number(answer.headers.get("Retry-After")) || 0;
      if (answer.status === 401 || answer.status === 403) return state("closed");
      if (answer.ok && answer.body) {
        const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
        state("live");
        for await (const event of events) {
          pause = FIRST_PAUSE;
          last = event.id ?? last;
          if (event.event) told({ topic: event.event as Topic, data: JSON.parse(event.data) as Told["data"] });
        }
        continue; // the server ends each stream after a while
      }
    } catch {
      if (signal.aborted) return;
    }
    const again = Math.max(pause, asked);
    state("away", again);
    await waited(again, signal);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
  }
}

function waited(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      window.removeEventListener("online", end);
      done();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal.addEventListener("abort", end);
    window.addEventListener("online", end);
  });
}
