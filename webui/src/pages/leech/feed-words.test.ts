import { expect, test } from "vitest";
import type { Feed, TriedItem } from "@/api/feeds";
import {
  EMPTY,
  feedName,
  feedOf,
  feedState,
  needsSomebody,
  rulesOf,
  summaryOf,
  takenOf,
  whyNot,
  wordsIn,
} from "./feed-words";

const NOW = 1_000_000;
const feed = (over: Partial<Feed>): Feed => ({
  id: "a",
  address: "https://example.org/rss",
  title: "Gardens",
  chat_id: -1001,
  person: null,
  state: "active",
  error: null,
  failures: 0,
  next_at: NOW + 1800,
  polled_at: NOW,
  changed_at: null,
  every: 1800,
  include: [],
  exclude: [],
  prefer: [],
  pages: false,
  titles: false,
  as_document: false,
  taken: 3,
  waiting: 0,
  question: null,
  created_at: 0,
  updated_at: 0,
  ...over,
});
const asks = feed({ question: { count: 12, titles: [] } });

test.each([
  ["", []],
  [" a ,, b  c;a\nd ، e", ["a", "b c", "d", "e"]],
])("words in %j", (text, words) => {
  expect(wordsIn(text)).toEqual(words);
});

test("what the form asks for", () => {
  const draft = { ...EMPTY, address: " https://h/rss ", include: "a, b", prefer: "1080p", existing: true };
  expect(feedOf(draft)).toEqual({
    feed: {
      address: "https://h/rss",
      include: ["a", "b"],
      exclude: [],
      prefer: ["1080p"],
      every: 1800,
      existing: true,
      titles: false,
      pages: false,
    },
    wrong: "",
  });
  for (const address of ["", "h/rss", "ftp://h/rss", "https://h/a b"])
    expect(feedOf({ ...draft, address }).wrong).toMatch(/https:/);
  expect(feedOf({ ...draft, exclude: "x".repeat(101) }).wrong).toMatch(/50 words/);
  expect(feedOf({ ...draft, exclude: Array.from({ length: 51 }, (_, n) => n).join() }).wrong).toMatch(/50 words/);
});

test("how the feeds are", () => {
  expect(summaryOf([])).toMatch(/^None/);
  expect(summaryOf([feed({})])).toBe("1 feed");
  expect(summaryOf([asks, feed({ state: "failing" }), feed({ state: "stopped" })])).toBe(
    "3 feeds · 1 has a question · 2 fail",
  );
  expect([needsSomebody([feed({})]), needsSomebody([asks]), needsSomebody([feed({ state: "stopped" })])]).toEqual([
    false,
    true,
    true,
  ]);
});

test("one feed", () => {
  expect(feedState(feed({}), NOW)).toBe("Looked at in 30 minutes");
  expect(feedState(feed({ next_at: NOW - 1 }), NOW)).toBe("Is looked at now");
  expect(feedState(feed({ state: "failing" }), NOW)).toBe("Fails · Looked at in 30 minutes");
  expect(feedState(feed({ state: "stopped", next_at: null }), NOW)).toBe("Is not looked at any more");
  expect([takenOf(feed({})), takenOf(feed({ taken: 1, waiting: 2 }))]).toEqual(["3 taken", "1 taken · 2 wait"]);
  expect([feedName(feed({})), feedName(feed({ title: " \u200b" }))]).toEqual(["Gardens", "https://example.org/rss"]);
  expect(rulesOf(feed({}))).toBe("");
  expect(rulesOf(feed({ include: ["a", "b\u202e"], exclude: ["c"], prefer: ["d"] }))).toBe(
    "Only with: a, b · Never with: c · Best: d",
  );
});

test("why an item is not taken", () => {
  const item = (over: Partial<TriedItem>) => whyNot({ taken: false, why: null, word: "", ...over });
  expect(item({ taken: true })).toBe("");
  expect(item({ why: "excluded", word: "CAM" })).toBe("Excluded by “CAM”");
  const whys = ["seen", "old", "not included", "version", "repeated", "no file", "torrent", "page", "scheme"] as const;
  for (const why of whys) expect(item({ why })).not.toBe("");
});
