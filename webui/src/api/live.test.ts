import { beforeEach, expect, test, vi } from "vitest";
import type { Connection, Told } from "./events";
import { type Job, mergedJobs } from "./jobs";
import { liveConnection, mergedWalks, type Walk } from "./live";

type Opened = {
  topics: readonly string[];
  signal: AbortSignal;
  told: (event: Told) => void;
  state: (connection: Connection, again?: number) => void;
};
let opened: Opened[] = [];
const open = async (
  topics: readonly string[],
  signal: AbortSignal,
  told: Opened["told"],
  state: Opened["state"] = () => {},
) => {
  opened.push({ topics, signal, told, state });
};
const turn = () => new Promise<void>((done) => queueMicrotask(done));
beforeEach(() => {
  opened = [];
});

test("parts of a page share one connection, which is opened anew for a topic more", async () => {
  const live = liveConnection(
    open,
    () => {},
    () => {},
  );
  const leave = live.want(["index"]);
  live.want(["index", "catalog"]);
  await turn();
  expect(opened.map(({ topics }) => topics)).toEqual([["catalog", "index"]]);
  live.want(["streams"]);
  await turn();
  expect(opened.map(({ topics, signal }) => [topics, signal.aborted])).toEqual([
    [["catalog", "index"], true],
    [["catalog", "index", "streams"], false],
  ]);
  leave();
  await turn();
  expect(opened).toHaveLength(2); // another part still wants it
});

test("nobody who listens means no connection", async () => {
  const live = liveConnection(
    open,
    () => {},
    () => {},
  );
  const leave = live.want(["index"]);
  await turn();
  leave();
  await turn();
  expect(opened[0]?.signal.aborted).toBe(true);
  expect(live.link().connection).toBe("closed");
});

test("tells when a lost connection is tried again, and that it is back", async () => {
  const back = vi.fn();
  const live = liveConnection(
    open,
    () => {},
    back,
    () => 1000,
  );
  live.want(["index"]);
  await turn();
  opened[0]?.state("live");
  expect(back).not.toHaveBeenCalled();
  opened[0]?.state("away", 1);
  opened[0]?.state("connecting");
  opened[0]?.state("away", 2);
  expect(live.link()).toEqual({ connection: "away", again: 3000, failures: 2 });
  opened[0]?.state("connecting");
  opened[0]?.state("live");
  expect(live.link()).toEqual({ connection: "live", again: null, failures: 0 });
  expect(back).toHaveBeenCalledOnce();
});

test("what an abandoned connection says is not heard", async () => {
  const live = liveConnection(
    open,
    () => {},
    () => {},
  );
  live.want(["index"]);
  await turn();
  live.restart();
  opened[0]?.state("away", 1);
  expect(live.link().failures).toBe(0);
});

const walk = (chat_id: number, done: number): Walk => ({
  chat_id,
  done,
  top: 100,
  files: 1,
  remaining_seconds: null,
  state: "walking",
  detail: "",
});

test("walks that have changed replace those of the same chat, new ones come first", () => {
  const before = [walk(1, 5), walk(2, 5)];
  expect(mergedWalks(before, [walk(2, 9), walk(3, 0)], false)).toEqual([walk(3, 0), walk(1, 5), walk(2, 9)]);
  expect(mergedWalks(before, [walk(4, 1)], true)).toEqual([walk(4, 1)]);
});

test("jobs that have changed take the place of what was told of them; the present state replaces all, and few are kept", () => {
  const job = (id: string, state: Job["state"]) => ({ id, state }) as Job;
  const before = [job("a", "queued"), job("b", "queued")];
  expect(mergedJobs(before, [job("b", "done"), job("c", "queued")], false)).toEqual([
    job("b", "done"),
    job("c", "queued"),
    job("a", "queued"),
  ]);
  expect(mergedJobs(before, [job("c", "queued")], true)).toEqual([job("c", "queued")]);
  const many = Array.from({ length: 1200 }, (_, at) => job(String(at), "done"));
  expect(mergedJobs(many, [job("new", "queued")], false)).toHaveLength(1000);
});
