// What a file holds and how this browser plays it, the subtitles that belong to it, and the other versions of it.

import { queryOptions } from "@tanstack/react-query";
import { bearer, isElsewhere } from "./address";
import { ask, client, type FileItem, type Item, type Schemas } from "./client";
import { besideOf } from "./media";
import { Problem, passes, problemOf } from "./problem";

export type Facts = Schemas["FactsItem"];
export type Track = Schemas["TrackItem"];
export type Chapter = Schemas["ChapterItem"];
export type Play = Schemas["Play"];
export type Subtitle = Schemas["Subtitle"];
export type Way = Play["way"];
type Ref = Pick<Item, "chat_id" | "message_id">;

/** What the browser takes, as the query of /api/facts and /api/works says it. */
export type Abilities = { containers: string; takes: string; mse: string; languages: string };

const MOST_TRIES = 20;
const LONGEST_PAUSE = 10;

/** One file. */
export const fileQuery = (chat: number, message: number) =>
  queryOptions({
    queryKey: ["catalog", chat, message],
    queryFn: ({ signal }) =>
      ask<FileItem>(
        client().GET("/api/catalog/{chat_id}/{message_id}", {
          params: { path: { chat_id: chat, message_id: message } },
          signal,
        }),
      ),
  });

/**
 * The facts of a file; with `abilities` the decision how it plays, too. Waits while the server reads the file (202) or
 * is busy (503), and tells `waiting` of it. null where the server knows no facts of it.
 */
export async function factsOf(
  item: Ref,
  {
    abilities,
    audio = null,
    signal,
    waiting = () => {},
  }: {
    abilities?: Abilities;
    audio?: number | null;
    signal?: AbortSignal;
    waiting?: (problem: Problem | null) => void;
  },
): Promise<Facts | null> {
  const query = { ...(abilities ? { client: true, ...abilities } : {}), ...(audio === null ? {} : { audio }) };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const pause = await once(item, query, signal);
    if (pause.found !== undefined) return pause.found;
    waiting(pause.problem);
    await sleep(Math.min(LONGEST_PAUSE, pause.problem?.retryAfter || 1), signal);
  }
  return null;
}

type Tried = { found?: Facts | null; problem: Problem | null };

async function once(item: Ref, query: object, signal?: AbortSignal): Promise<Tried> {
  const asked = client()
    .GET("/api/facts/{chat_id}/{message_id}", { params: { path: item, query }, signal })
    .catch((error: unknown) => {
      if (signal?.aborted) throw error;
      return null;
    });
  const answer = await asked;
  if (!answer) return { problem: new Problem(0, "", "") };
  const { data, error, response }: { data?: unknown; error?: unknown; response: Response } = answer;
  if (isFacts(data)) return { found: data, problem: null };
  const problem = problemOf(response, error);
  if (response.status === 202) return { problem: new Problem(202, "", "", problem.retryAfter) };
  return problem.status === 429 || passes(problem) ? { problem } : { found: null, problem };
}

const isFacts = (data: unknown): data is Facts => typeof data === "object" && data !== null && "tracks" in data;

/** The subtitles in the film and beside it; none where the server cannot tell. */
export async function subtitlesOf(item: Pick<Item, "chat_id" | "message_id" | "stream_url">): Promise<Subtitle[]> {
  const answer = await fetch(besideOf(item, "subtitles"), init()).catch(() => null);
  if (!answer?.ok) return [];
  const told: Schemas["Subtitles"] = await answer.json();
  return told.items;
}

/** The text of a subtitle as WebVTT. The server may have to read it out of the film first: waited for, and told. */
export async function subtitleText(
  item: Pick<Item, "chat_id" | "message_id" | "stream_url">,
  id: string,
  { signal, waiting }: { signal: AbortSignal; waiting: (problem: Problem) => void },
): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const problem = await fetch(besideOf(item, "subtitles", `/${id}.vtt`), { ...init(), signal }).then(
      async (answer) => (answer.ok ? answer.text() : problemOf(answer, await answer.json().catch(() => null))),
      () => new Problem(0, "", ""),
    );
    if (typeof problem === "string") return problem;
    if (signal.aborted || tries >= MOST_TRIES || !passes(problem)) throw problem;
    waiting(problem);
    await sleep(Math.min(LONGEST_PAUSE, problem.retryAfter || 2), signal);
  }
}

const init = (): RequestInit => ({
  credentials: isElsewhere() ? "omit" : "same-origin",
  headers: bearer() ? { Authorization: `Bearer ${bearer()}` } : {},
});

function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) fail(signal.reason);
      else done();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal?.addEventListener("abort", end);
  });
}
