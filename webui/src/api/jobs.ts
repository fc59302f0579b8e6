import { infiniteQueryOptions, queryOptions, skipToken } from "@tanstack/react-query";
import { ask, client } from "./client";
import { type Job, mergedJobs } from "./live";
import { queries } from "./query";

export type { Job } from "./live";
export type JobState = Job["state"];
export type JobChange = "pause" | "resume" | "cancel" | "retry";

/** What the topic `jobs` said last: those that have not ended, and the latest. */
export const liveJobsQuery = queryOptions<Job[]>({ queryKey: ["jobs", "live"], queryFn: skipToken });

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
