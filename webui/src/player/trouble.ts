// What a failed request or element means for who watches, and when it is worth trying again. Pure.

import { texts } from "@/i18n";
import { player as english } from "@/i18n/en/player";

const t = texts("player", english);

export type Kind = "cannot" | "broken" | "gone" | "expired";
/** Why the film does not go on. `again`: trying anew may help. */
export type Trouble = { kind: Kind; why: string; again: boolean };

/** Seconds until the next try: growing, or as long as the server asks, within reason. */
export function pauseBefore(tries: number, retryAfter = 0): number {
  if (retryAfter > 0) return Math.min(30, Math.max(1, retryAfter));
  return Math.min(15, 2 ** tries);
}

/** The words of a server about its refusal as a sentence; "" where it says nothing. */
export function sentence(detail: unknown): string {
  const text = typeof detail === "string" ? detail.replace(/: come back in \d+ s$/, "").trim() : "";
  return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** What is told while a busy server is waited for. */
export const waitingWords = (detail: unknown): string => `${sentence(detail) || t.busy} ${t.again}`;

export type Verdict = { go: "wait"; seconds: number; words: string } | { go: "stop"; trouble: Trouble } | { go: "on" };

/** What to do after a probe of the stream. `status` 0: no answer. */
export function verdictOf(status: number, tries: number, retryAfter = 0, detail = ""): Verdict {
  if (status >= 200 && status < 400) return { go: "on" };
  if (status === 404 || status === 410) return { go: "stop", trouble: { kind: "gone", why: t.goneNow, again: false } };
  if (status === 401 || status === 403) {
    return { go: "stop", trouble: { kind: "expired", why: sentence(detail) || t.expiredNow, again: false } };
  }
  const seconds = pauseBefore(tries, retryAfter);
  if (status === 0 || status === 502 || status === 504) return { go: "wait", seconds, words: t.away };
  if (status === 503 || status === 429) return { go: "wait", seconds, words: waitingWords(detail) };
  return { go: "stop", trouble: { kind: "broken", why: sentence(detail) || t.answered(status), again: true } };
}

/** Why no way to play is taken: the reasons against the two that matter, each once. */
export function whyNot(reasons: Record<string, string>): string {
  return [...new Set([reasons.direct, reasons["hls.js"]].filter(Boolean))].join(" ");
}
