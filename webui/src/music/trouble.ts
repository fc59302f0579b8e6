// What to do when a song does not play: wait for the server, ask for a new address, take HLS, or leave it out. Pure.

export type Found = {
  /** What the server answers to a request for the file; 0 when it cannot be reached. */
  status: number;
  retryAfter: number;
  /** What the server says how this browser plays it; null where it was not asked, or does not know. */
  play: { way: string; reasons: Readonly<Record<string, string>> } | null;
};
export type Tried = { retries: number; renewed: boolean; hls: boolean };
export type Remedy =
  | { take: "wait"; seconds: number }
  | { take: "renew" }
  | { take: "hls" }
  | { take: "skip"; why: "gone" | "forbidden" | "away" | "undecodable"; said: string };

const MOST_RETRIES = 30;

export function remedyFor(found: Found, tried: Tried): Remedy {
  const { status, play } = found;
  if (status === 0 || status === 429 || status === 502 || status === 503 || status === 504) {
    if (tried.retries >= MOST_RETRIES) return { take: "skip", why: "away", said: "" };
    return { take: "wait", seconds: Math.max(1, Math.min(30, found.retryAfter || 2 ** tried.retries)) };
  }
  if (status === 401 || status === 403) {
    return tried.renewed ? { take: "skip", why: "forbidden", said: "" } : { take: "renew" };
  }
  if (status >= 400) return { take: "skip", why: "gone", said: "" };
  if (play?.way.startsWith("hls") && !tried.hls) return { take: "hls" };
  return { take: "skip", why: "undecodable", said: play?.reasons.direct ?? "" };
}
