import { beforeEach, expect, test } from "vitest";
import { LATEST, paced, SOON } from "./pace";

/** A clock that goes on by hand. */
function clock() {
  const due = new Map<number, { at: number; run: () => void }>();
  let time = 0;
  let last = 0;
  return {
    now: () => time,
    after: (ms: number, run: () => void) => {
      due.set(++last, { at: time + ms, run });
      return last as unknown as ReturnType<typeof setTimeout>;
    },
    cancel: (timer: ReturnType<typeof setTimeout>) => void due.delete(timer as unknown as number),
    go(ms: number) {
      const end = time + ms;
      for (;;) {
        const [first] = [...due].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (!first) break;
        due.delete(first[0]);
        time = first[1].at;
        first[1].run();
      }
      time = end;
    },
  };
}

let at = clock();
let runs: [time: number, inside: boolean][] = [];
let lists = paced(() => {}, at);
beforeEach(() => {
  at = clock();
  runs = [];
  lists = paced((inside) => runs.push([at.now(), inside]), at);
});

test("a change is shown soon, and several at once together", () => {
  lists.changed(false);
  at.go(1000);
  lists.changed(true);
  at.go(60_000);
  expect(runs).toEqual([[SOON, true]]);
});

test("changes that go on are shown ever less often, up to a limit", () => {
  for (let second = 0; second < 600; second += 1) {
    lists.changed(false);
    at.go(1000);
  }
  const apart = runs.map(([time], index) => time - (runs[index - 1]?.[0] ?? 0));
  expect(apart.slice(0, 4)).toEqual([3000, 6000, 12_000, 24_000]);
  expect(Math.max(...apart)).toBeLessThanOrEqual(LATEST + 1000);
  expect(runs.length).toBeLessThan(15);
});

test("after a while without a change the next one is shown soon again", () => {
  for (let second = 0; second < 60; second += 1) {
    lists.changed(false);
    at.go(1000);
  }
  at.go(10 * LATEST);
  const before = at.now();
  lists.changed(false);
  at.go(LATEST);
  expect(runs.at(-1)).toEqual([before + SOON, false]);
});

test("what is noted when changes come to an end is shown soon, and nothing where nothing is", () => {
  for (let second = 0; second < 60; second += 1) {
    lists.changed(false);
    at.go(1000);
  }
  const before = at.now();
  lists.settled();
  at.go(LATEST);
  expect(runs.at(-1)?.[0]).toBe(before + SOON);
  const count = runs.length;
  lists.settled();
  at.go(LATEST);
  expect(runs).toHaveLength(count);
});
