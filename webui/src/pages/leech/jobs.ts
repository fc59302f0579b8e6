// Which jobs are shown, in which order, what can be done with each, and what has happened to them. Pure.

import type { Job, JobChange, JobState } from "@/api/jobs";

export type Shown = "all" | "running" | "waiting" | "done" | "failed";

const STATES: Record<Shown, readonly JobState[]> = {
  all: [],
  running: ["reading", "transferring", "joining"],
  waiting: ["queued", "waiting", "paused"],
  done: ["done"],
  failed: ["failed", "cancelled"],
};
export const SHOWN = Object.keys(STATES) as readonly Shown[];

export const shownOf = (value: unknown): Shown => SHOWN.find((one) => one === value) ?? "all";

/** The states of a choice; none for all of them. */
export const statesOf = (shown: Shown): readonly JobState[] => STATES[shown];

/** Under way, then those that wait, then what has ended. */
const rank = ({ state }: Job): number => (STATES.running.includes(state) ? 0 : STATES.waiting.includes(state) ? 1 : 2);

const byOrder = (one: Job, other: Job): number =>
  rank(one) - rank(other) || other.created_at - one.created_at || (one.id < other.id ? -1 : 1);

/** The jobs of a choice, each as it was told last: by a list, or by the events since. */
export function shownJobs(listed: readonly Job[], live: readonly Job[], shown: Shown): Job[] {
  const known = new Map(listed.map((job) => [job.id, job]));
  for (const job of live) if (job.updated_at >= (known.get(job.id)?.updated_at ?? 0)) known.set(job.id, job);
  const states = STATES[shown];
  return [...known.values()].filter(({ state }) => !states.length || states.includes(state)).sort(byOrder);
}

export const hasEnded = ({ state }: Job): boolean => STATES.done.includes(state) || STATES.failed.includes(state);

/** What somebody can do with a job now, the most likely first. */
export function changesOf({ state, wish }: Job): JobChange[] {
  if (wish === "cancel" || state === "done") return [];
  if (state === "failed" || state === "cancelled") return ["retry"];
  if (state === "paused" || wish === "pause") return ["resume", "cancel"];
  return state === "waiting" ? ["pause", "retry", "cancel"] : ["pause", "cancel"];
}

/** How much of a job is transferred, 0 to 1; null where that cannot be said, or says nothing. */
export function shareOf({ state, bytes_done: done, bytes_total: total }: Job): number | null {
  if (state === "done" || state === "cancelled" || !total) return null;
  return Math.min(1, done / total);
}

/** What is worth saying of a job: each kind once, while its figures change all the time. */
export type Event = "started" | "waits" | "paused" | "done" | "failed" | "cancelled";

function eventOf({ state }: Job): Event | null {
  if (state === "transferring") return "started";
  if (state === "waiting") return "waits";
  return state === "paused" || state === "done" || state === "failed" || state === "cancelled" ? state : null;
}

export type News = { event: Event; job: Job };

/** What has happened between two lists. A job that comes in between is news only by what happens to it later. */
export function newsOf(before: readonly Job[], after: readonly Job[]): News[] {
  const known = new Map(before.map((job) => [job.id, eventOf(job)]));
  return after.flatMap((job) => {
    const event = eventOf(job);
    return event && known.has(job.id) && known.get(job.id) !== event ? [{ event, job }] : [];
  });
}
