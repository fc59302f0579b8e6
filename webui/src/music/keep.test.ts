import { expect, test } from "vitest";
import { readKept, written } from "./keep";
import { bareEntries, EMPTY, type Queue, shuffle } from "./queue";

const queue: Queue = {
  ...EMPTY,
  entries: bareEntries([
    [-1, 5],
    [-1, 6],
    [-2, 7],
  ]),
  at: 1,
  repeat: "all",
};
const order = (one: Queue | undefined) => one?.entries.map((entry) => entry.message);

test("a queue comes back with its place, position and ways", () => {
  const back = readKept(written({ queue, position: 71.6 }));
  expect(order(back?.queue)).toEqual([5, 6, 7]);
  expect(back?.queue).toMatchObject({ at: 1, repeat: "all", shuffled: false });
  expect(back?.position).toBe(71);
});

test("a shuffled queue can still be put in order", () => {
  const back = readKept(written({ queue: shuffle(queue, () => 0), position: 0 }));
  expect(order(back?.queue)?.[0]).toBe(6);
  expect(order(back ? shuffle(back.queue, () => 0) : undefined)).toEqual([5, 6, 7]);
});

test("it holds neither names nor addresses", () => {
  expect(written({ queue, position: 0 })).not.toMatch(/stream|title|token/);
});

test.each([null, "", "{", "null", "[]", '{"refs":[]}', '{"refs":[[1,2,0]],"at":4}', '{"refs":["x"],"at":0}'])(
  "what is no queue is none: %s",
  (text) => expect(readKept(text)).toBeNull(),
);
