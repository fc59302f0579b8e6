// Logging in and out. The answer of `start` is not typed by the description of the API, so it is checked here.

import { keepBearer } from "./address";
import { ask, client } from "./client";
import { meQuery } from "./me";
import { Problem } from "./problem";
import { queries } from "./query";

export type Qr = { size: number; path: string };
export type Started = {
  code: string;
  number: number;
  /** The bot's address with the code; "" while the bot is not connected. */
  botUrl: string;
  /** Unix seconds, by the clock of the server. */
  expiresAt: number;
  qr: Qr | null;
  /** Only for a page of another origin, which gets no cookie. */
  secret: string;
};
export type Outcome = "waiting" | "confirmed" | "refused" | "expired";

/** Starts a log-in; the session of before is forgotten, so that it cannot stand in for the secret. */
export async function startLogin(signal: AbortSignal): Promise<Started> {
  keepBearer("");
  return startedOf(await ask<unknown>(client().POST("/api/login/start", { signal, cache: "no-store" })));
}

/** Waits for the person's answer in the bot, 25 seconds at most. Keeps the session of a page of another origin. */
export async function waitForLogin(started: Started, signal: AbortSignal): Promise<Outcome> {
  const headers = started.secret ? { Authorization: `Bearer ${started.secret}` } : undefined;
  const told = await ask(
    client().GET("/api/login/wait", {
      params: { query: { code: started.code } },
      headers,
      signal,
      cache: "no-store",
    }),
  );
  if (told.token) keepBearer(told.token);
  return OUTCOMES.find((one) => one === told.state) ?? "expired";
}

/** Ends this session, and forgets what it has shown. */
export async function logOut(): Promise<void> {
  await ask(client().POST("/api/logout"));
  keepBearer("");
  await changedPerson();
}

/** Somebody else asks from now on: who it is comes first, then everything that is shown is asked for anew. */
export async function changedPerson(): Promise<void> {
  await queries.fetchQuery({ ...meQuery, staleTime: 0 });
  await queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
}

const OUTCOMES: readonly Outcome[] = ["waiting", "confirmed", "refused", "expired"];

/** The answer of `/api/login/start`. Throws Problem where it is none. */
export function startedOf(body: unknown): Started {
  const told: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  const { code, number, bot_url, expires_at, secret } = told;
  if (typeof code !== "string" || typeof number !== "number") throw new Problem(-1, "", "The server gave no code.");
  return {
    code,
    number,
    botUrl: typeof bot_url === "string" && /^https:\/\/t\.me\//.test(bot_url) ? bot_url : "",
    expiresAt: typeof expires_at === "number" ? expires_at : 0,
    qr: qrOf(told.qr),
    secret: typeof secret === "string" ? secret : "",
  };
}

function qrOf(body: unknown): Qr | null {
  if (typeof body !== "object" || body === null || !("size" in body) || !("path" in body)) return null;
  const { size, path } = body;
  return typeof size === "number" && typeof path === "string" && /^[MhvzHV0-9 .-]*$/.test(path) ? { size, path } : null;
}
