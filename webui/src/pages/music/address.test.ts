import { expect, test } from "vitest";
import { albumAt, musicSearch } from "./address";

test("keeps what it knows, drops the rest", () => {
  expect(musicSearch({ section: "songs", q: "tide", sort: "name", x: 1 })).toEqual({
    section: "songs",
    q: "tide",
    sort: "name",
  });
  expect(musicSearch({ section: "films", q: " ", sort: "size", album: "x" })).toEqual({});
  expect(musicSearch({ album: "-1001_5" })).toEqual({ album: "-1001_5" });
});

test("an album is a chat and a message", () => {
  expect(albumAt("-1001500000002_5")).toEqual({ chat: -1001500000002, message: 5 });
  expect(albumAt("-1_5_6")).toBeNull();
  expect(albumAt("a_5")).toBeNull();
});
