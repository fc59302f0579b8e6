import { expect, test } from "vitest";
import { newestFirst, worksOf } from "./windows";

test("works are asked for in orders that they have", () => {
  expect(worksOf({ kind: "video", of: "films", sort: "size", order: "asc" })).toEqual({ kind: "video" });
  expect(worksOf({ of: "films", sort: "name", order: "desc", chat: -5 })).toEqual({
    sort: "name",
    order: "desc",
    chat_id: [-5],
  });
  expect(worksOf({ year: 2024 })).toEqual({ year: 2024 });
});

test("new files push others down only where the newest come first", () => {
  expect(newestFirst({})).toBe(true);
  expect(newestFirst({ sort: "name" })).toBe(false);
  expect(newestFirst({ order: "asc" })).toBe(false);
});
