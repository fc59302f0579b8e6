import { expect, test } from "vitest";
import type { Job } from "@/api/jobs";
import { job } from "./example";
import type { Event, News } from "./jobs";
import { etaText, nameOf, rateText, saidOf, sizeOf, stateOf } from "./words";

test.each([
  [null, ""],
  [-3, ""],
  [0, "almost done"],
  [4, "almost done"],
  [5, "10 sec left"],
  [31, "40 sec left"],
  [59, "50 sec left"],
  [61, "1 min left"],
  [5400, "1 hr 30 min left"],
  [86_400, "about 1 day left"],
  [200_000, "about 2 days left"],
])("%s seconds are %j", (eta, words) => {
  expect(etaText(eta)).toBe(words);
});

test("sizes, whether they are known or not", () => {
  expect(sizeOf(job({ bytes_done: 3e6, bytes_total: 12e6 }))).toBe("3 MB of 12 MB");
  expect(sizeOf(job({ bytes_done: 3e6 }))).toBe("3 MB");
  expect(sizeOf(job({}))).toBe("");
  expect(sizeOf(job({ state: "done", bytes_done: 12e6, bytes_total: 12e6 }))).toBe("12 MB");
  expect([rateText(0), rateText(2.5e6)]).toEqual(["", "2.5 MB/s"]);
});

test("a wish is told instead of the state until it is fulfilled", () => {
  expect(stateOf({ state: "transferring", wish: null })).toBe("Is being transferred");
  expect(stateOf({ state: "transferring", wish: "cancel" })).toBe("Is being cancelled");
});

test("a name that shows nothing, or turns the direction of what follows, is not shown so", () => {
  expect(nameOf({ name: "\u200b ", source: "https://example.org/a" })).toBe("https://example.org/a");
  expect(nameOf({ name: "gpj.\u202efdp", source: "" })).toBe("gpj.fdp");
});

test("what happens is said with its reason, and of many jobs at once only some by name", () => {
  const news = (event: Event, over: Partial<Job> = {}): News => ({ event, job: job(over) });
  expect(saidOf([news("done"), news("failed", { name: "b", reason: "The file is not there (404)." })])).toBe(
    "film.mkv is done. b has failed: The file is not there (404)",
  );
  expect(saidOf(Array.from({ length: 5 }, () => news("paused", { name: "x" })))).toBe(
    "x is paused. x is paused. x is paused. 2 more jobs have changed",
  );
  expect(saidOf([])).toBe("");
});
