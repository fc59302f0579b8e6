import { expect, test } from "vitest";
import type { Job } from "@/api/jobs";
import { job as exampleJob } from "./example";
import { changesOf, newsOf, shareOf, shownJobs, shownOf } from "./jobs";

const job = (id: string, over: Partial<Job> = {}) => exampleJob({ id, state: "queued", ...over });
const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

test("what is under way comes first, then what waits, then what has ended; the latest of each first", () => {
  const jobs = [
    job("old", { state: "done", created_at: 1 }),
    job("failed", { state: "failed", created_at: 9 }),
    job("queued"),
    job("paused", { state: "paused", created_at: 101 }),
    job("runs", { state: "transferring", created_at: 2 }),
  ];
  expect(ids(shownJobs(jobs, [], "all"))).toEqual(["runs", "paused", "queued", "failed", "old"]);
  expect(ids(shownJobs([...jobs].reverse(), [], "all"))).toEqual(["runs", "paused", "queued", "failed", "old"]);
});

test("events come over the list, unless the list is newer, and a job leaves the choice that it no longer is in", () => {
  const listed = [job("a", { state: "transferring", updated_at: 5 }), job("b", { state: "reading", updated_at: 9 })];
  const live = [
    job("a", { state: "done", updated_at: 5 }),
    job("b", { state: "queued", updated_at: 8 }),
    job("c", { state: "joining" }),
  ];
  expect(ids(shownJobs(listed, live, "running"))).toEqual(["b", "c"]);
  expect(ids(shownJobs(listed, live, "done"))).toEqual(["a"]);
  expect(ids(shownJobs([], [job("d", { state: "cancelled" })], "failed"))).toEqual(["d"]);
});

test.each([
  [{ state: "queued" }, ["pause", "cancel"]],
  [{ state: "transferring" }, ["pause", "cancel"]],
  [{ state: "waiting" }, ["pause", "retry", "cancel"]],
  [{ state: "transferring", wish: "pause" }, ["resume", "cancel"]],
  [{ state: "paused" }, ["resume", "cancel"]],
  [{ state: "transferring", wish: "cancel" }, []],
  [{ state: "failed" }, ["retry"]],
  [{ state: "cancelled" }, ["retry"]],
  [{ state: "done" }, []],
] as const)("%o can be changed by %j", (over, changes) => {
  expect(changesOf(job("a", over))).toEqual(changes);
});

test("a share is told of what has a size and is not over", () => {
  expect(shareOf(job("a", { bytes_done: 5, bytes_total: 20 }))).toBe(0.25);
  expect(shareOf(job("a", { bytes_done: 30, bytes_total: 20 }))).toBe(1);
  expect(shareOf(job("a", { bytes_done: 5 }))).toBeNull();
  expect(shareOf(job("a", { bytes_done: 0, bytes_total: 0 }))).toBeNull();
  expect(shareOf(job("a", { state: "done", bytes_done: 20, bytes_total: 20 }))).toBeNull();
});

test("changes of state are news, progress is not, and neither is a job that was not there before", () => {
  const before = [job("a", { state: "transferring" }), job("b", { state: "transferring" }), job("c")];
  const after = [
    job("a", { state: "done" }),
    job("b", { state: "transferring", bytes_done: 9 }),
    job("c", { state: "reading" }),
    job("d", { state: "failed" }),
  ];
  expect(newsOf(before, after)).toEqual([{ event: "done", job: after[0] }]);
  expect(newsOf(after, [job("c", { state: "waiting" })]).map(({ event }) => event)).toEqual(["waits"]);
});

test("the choice in an address is one that there is", () => {
  expect([shownOf("done"), shownOf("nothing"), shownOf(undefined)]).toEqual(["done", "all", "all"]);
});
