// Films and series with all their files, and how each plays in this browser.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { abilities, thisBrowser } from "@/player/capability";
import { ask, client, type Version, type WorkTree } from "./client";
import { factsOf } from "./facts";
import { queries } from "./query";

type Codecs = Pick<WorkTree, "files" | "seasons">;

/** A work as every browser plays it: what is shown first, and tells which codecs to ask this browser for. */
export const workQuery = (key: string) =>
  queryOptions({
    queryKey: ["work", key, "any"] as const,
    queryFn: ({ signal }) => ask<WorkTree>(client().GET("/api/works/{key}", { params: { path: { key } }, signal })),
  });

/** The same as this browser plays it, once its codecs are known. */
export const workHereQuery = (key: string, codecs: readonly string[]) =>
  queryOptions({
    queryKey: ["work", key, "here", codecs.join()] as const,
    queryFn: ({ signal }) =>
      ask<WorkTree>(
        client().GET("/api/works/{key}", {
          params: { path: { key }, query: { client: true, ...abilities(codecs, thisBrowser()) } },
          signal,
        }),
      ),
  });

/** Every file once, though one of several episodes stands below each. */
export function filesOf(work: Codecs): Version[] {
  const all = [...work.files, ...work.seasons.flatMap(({ episodes }) => episodes.flatMap(({ files }) => files))];
  return [...new Map(all.map((file) => [file.file_unique_id, file])).values()];
}

export const codecsOf = (work: Codecs): string[] =>
  [...new Set(filesOf(work).flatMap((file) => file.plays?.codecs ?? []))].sort();

/** A work, at once as every browser plays it and then as this one does. */
export function useWork(key: string) {
  const any = useQuery(workQuery(key));
  const codecs = any.data ? codecsOf(any.data) : [];
  const here = useQuery({ ...workHereQuery(key, codecs), enabled: any.isSuccess });
  return { ...any, data: answers(codecs, here.data) ? here.data : any.data };
}

/** Whether an answer is of all codecs that it names: one that became known meanwhile is told as not decoded here. */
export const answers = <T extends Codecs>(asked: readonly string[], here: T | undefined): here is T =>
  here !== undefined && codecsOf(here).every((codec) => asked.includes(codec));

/** The same for whoever waits for it, such as a Play button elsewhere. */
export async function workHere(key: string): Promise<WorkTree> {
  const any = await queries.ensureQueryData({ ...workQuery(key), revalidateIfStale: true });
  return queries.ensureQueryData({ ...workHereQuery(key, codecsOf(any)), revalidateIfStale: true });
}

const MOST_READ = 6;

/** Has the server read files of which it does not know yet how they play; asks for the work anew when it has. */
export const readQuery = (key: string, files: readonly Version[]) => {
  const unread = files.filter((file) => file.plays?.way === "unknown").slice(0, MOST_READ);
  return queryOptions({
    queryKey: ["facts", "unread", ...unread.map((file) => file.file_unique_id)] as const,
    enabled: unread.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async ({ signal }) => {
      const found = await Promise.all(unread.map((file) => factsOf(file, { signal }).catch(() => null)));
      if (found.some(Boolean)) await queries.invalidateQueries({ queryKey: ["work", key] });
      return found.length;
    },
  });
};
