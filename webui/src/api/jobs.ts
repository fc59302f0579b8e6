import { infiniteQueryOptions, queryOptions, skipToken } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import { hear } from "./live";
import { queries } from "./query";

export type Job = Schemas["JobItem"];
export type JobState = Job["state"];
export type JobChange = "pause" | "resume" | "cancel" | "retry";

/** What the topic `jobs` said last: those that have not ended, and the latest. */
export const liveJobsQuery = queryOptions<Job[]>({ queryKey: ["jobs", "live"], queryFn: skipToken });

const MOST_JOBS = 1000;

/** The jobs after an event, the latest change first: all that it tells of with the present state, else changed ones. */
export function mergedJobs(before: readonly Job[], told: readonly Job[], snapshot: boolean): Job[] {
  if (snapshot) return [...told];
  const changed = new Set(told.map((job) => job.id));
  return [...told, ...before.filter((job) => !changed.has(job.id))].slice(0, MOST_JOBS);
}

hear("jobs", (data) => {
  const told = (data as { jobs?: Job[] }).jobs ?? [];
  queries.setQueryData(liveJobsQuery.queryKey, (before) => mergedJobs(before ?? [], told, data.snapshot === true));
});

/** The jobs in these states (none: in any), the latest first. */
export const jobsQuery = (states: readonly JobState[]) =>
  infiniteQueryOptions({
    queryKey: ["jobs", "list", states],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(
        client().GET("/api/jobs", {
          params: { query: { state: [...states], cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });

/** A job for a source, and whether it is new: the source may be leeched, or have been, already. */
export async function addJob(source: string, name: string): Promise<{ job: Job; isNew: boolean }> {
  const wishes = { as_document: false, zip: false, unzip: false, select: [], ytdlp: false, choose: false };
  let isNew = false;
  const job = await ask<Job>(
    client()
      .POST("/api/jobs", { body: { source, name: name || null, ...wishes } })
      .then((told) => {
        isNew = told.response.status === 201;
        return told;
      }),
  );
  keep(job);
  return { job, isNew };
}

/** Pauses a job, goes on with it, ends it, or tries it again. */
export async function changeJob(id: string, change: JobChange): Promise<void> {
  const params = { path: { id } };
  const asked = {
    pause: () => client().POST("/api/jobs/{id}/pause", { params }),
    resume: () => client().POST("/api/jobs/{id}/resume", { params }),
    cancel: () => client().POST("/api/jobs/{id}/cancel", { params }),
    retry: () => client().POST("/api/jobs/{id}/retry", { params }),
  };
  keep(await ask<Job>(asked[change]()));
}

/** Shows a job at once as the server answered. */
function keep(job: Job): void {
  queries.setQueryData(liveJobsQuery.queryKey, (before) => mergedJobs(before ?? [], [job], false));
}
