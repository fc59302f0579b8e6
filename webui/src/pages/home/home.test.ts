import { describe, expect, test } from "vitest";
import type { Item } from "@/api/client";
import { byChannel, seriesOf } from "./groups";
import { visitAt } from "./visits";

describe("visits", () => {
  test("the first has none before it", () => {
    expect(visitAt(1000, null)).toEqual({ last: 1000, before: 0 });
  });
  test("opening the page again soon is the same visit", () => {
    expect(visitAt(2000, { last: 1000, before: 50 })).toEqual({ last: 2000, before: 50 });
  });
  test("after half an hour it is another", () => {
    expect(visitAt(9000, { last: 1000, before: 50 })).toEqual({ last: 9000, before: 1000 });
  });
});

const item = (chat_id: number, work = "") => ({ chat_id, facts: { work } }) as unknown as Item;

test("items are grouped by channel, in the order of their newest", () => {
  expect(byChannel([item(2), item(1), item(2), item(3)], 2).map(([chat, items]) => [chat, items.length])).toEqual([
    [2, 2],
    [1, 1],
  ]);
});

test("series go on of which an episode was finished last: the latest first, each once", () => {
  const at = (updated: number, work: string, finished = true) => ({ ...item(1, work), watched: { updated, finished } });
  const items = [
    at(5, "s:b"),
    at(9, "f:a"),
    at(7, "s:c"),
    at(8, "s:b"),
    at(1, "s:a"),
    at(2, "s:a", false),
    at(3, "s:d"),
  ];
  expect(seriesOf(items as Item[])).toEqual(["s:b", "s:c", "s:d"]);
});
