import { expect, test } from "vitest";
import { mergedCalls } from "@/api/calls";
import { mainChange, moved, newsOf, nextLoop, ordered, positionOf } from "./calls";
import { call, entry } from "./example";
import { shiftOf } from "./shift";
import { saidOf, titlesOf } from "./words";

const ids = (queue: readonly { id: string }[]) => queue.map(({ id }) => id);

test("the position goes on by this device's clock while it plays, up to the end", () => {
  expect(positionOf(call(1), 3500)).toBe(12.5);
  expect(positionOf(call(1), 500)).toBe(10); // a clock that was set back
  expect(positionOf(call(1), 100_000)).toBe(60);
  expect(positionOf(call(1, { duration: null }), 101_000)).toBe(110);
  for (const status of ["paused", "reconnecting", "failed", "joining"] as const)
    expect(positionOf(call(1, { status }), 9000)).toBe(10);
});

test("the first button pauses, goes on, or tries again", () => {
  const does = (["playing", "joining", "reconnecting", "paused", "failed"] as const).map((status) =>
    mainChange({ status }),
  );
  expect(does).toEqual(["pause", "pause", "pause", "resume", "resume"]);
  expect((["off", "all", "one"] as const).map(nextLoop)).toEqual(["all", "one", "off"]);
});

test("an entry moves, and an order that is wished holds for what came or went meanwhile", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  const queue = ["a", "b", "new"].map((id) => entry(id));
  expect(ids(ordered(queue, ["b", "gone", "a"]))).toEqual(["b", "a", "new"]);
});

test("rows make room for the one that is held", () => {
  expect([0, 1, 2, 3].map((index) => shiftOf(index, 1, 3))).toEqual([0, 2, -1, -1]);
  expect([0, 1, 2, 3].map((index) => shiftOf(index, 2, 0))).toEqual([1, 1, -2, 0]);
  expect([0, 1, 2].map((index) => shiftOf(index, 1, 1))).toEqual([0, 0, 0]);
});

test("what is told of calls takes the place of what was known, unless it is older; idle ones go, and all keep their order", () => {
  const before = [call(1), call(2)];
  const told = [call(3, { at: 101 }), call(1, { at: 101, position: 40 }), call(2, { at: 99, position: 50 })];
  const merged = mergedCalls(before, told, false, 2000);
  expect(merged.map(({ chat_id, position, heard }) => [chat_id, position, heard])).toEqual([
    [1, 40, 2000],
    [2, 10, 1000],
    [3, 10, 2000],
  ]);
  expect(mergedCalls(before, [call(2, { at: 101 })], true, 2000).map(({ chat_id }) => chat_id)).toEqual([2]);
  expect(mergedCalls(before, [call(1, { at: 101, status: "idle", item: null })], false, 2000)).toEqual([before[1]]);
});

test("changes of state and of what plays are said, positions are not", () => {
  const titleOf = titlesOf([{ chat_id: 1, title: "Club", open: true }]);
  const said = (after: Parameters<typeof newsOf>[1]) => saidOf(newsOf([call(1)], after), titleOf);
  expect(said([call(1, { position: 30 })])).toBe("");
  expect(said([call(1, { status: "joining", item: entry("next") })])).toBe("");
  expect(said([call(1, { item: entry("next") })])).toBe("next plays in Club");
  expect(said([call(1, { status: "failed", reason: "Muted." }), call(2)])).toBe(
    "Stopped in Club: Muted. song plays in Chat 2",
  );
  expect(said([])).toBe("Nothing plays in Club any more");
});
