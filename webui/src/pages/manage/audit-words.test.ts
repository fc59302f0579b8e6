import { describe, expect, test, vi } from "vitest";

vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"] });
const { byDay, said, whence } = await import("./audit-words");

const event = (what: string, more: object = {}) => ({
  id: "1",
  at: 1_000_000_000,
  what,
  person: 1 as number | null,
  detail: "",
  address: "203.0.113.7",
  ...more,
});
const words = (what: string, more: object = {}) =>
  said(
    event(what, more),
    (id) => (id === 1 ? "Ann" : `person ${id}`),
    (id) => `chat ${id}`,
  );

describe("an event in words", () => {
  test.each([
    ["login", { detail: "Firefox on Linux" }, "Ann logged in with Firefox on Linux"],
    ["invited", { detail: "42" }, "Ann invited person 42, or changed their rights"],
    ["removed", { detail: "42", person: null, address: "terminal" }, "At the terminal removed person 42"],
    ["token made", { detail: "Kodi" }, "Ann made the API token “Kodi”"],
    ["mirrored", { detail: "5f -1001 to -1002" }, "Ann made the mirror 5f -1001 to -1002"],
    ["feed added", { detail: "5f https://h/rss" }, "Ann followed the feed 5f https://h/rss"],
    ["feed removed", { detail: "5f https://h/rss" }, "Ann removed the feed 5f https://h/rss"],
    ["served", { detail: "-1001" }, "Ann had chat -1001 served"],
    ["refused often", { person: null }, "Too many wrong links or tokens were tried"],
    ["something new", { detail: "x" }, "Ann: something new x"],
  ])("%s", (what, more, sentence) => {
    expect(words(what, more)).toBe(sentence);
  });

  test("what turns the direction of text is left out", () => {
    expect(words("token made", { detail: "a\u202eb" })).toBe("Ann made the API token “ab”");
  });
});

test("from where is said in words", () => {
  expect([
    whence(event("login")),
    whence(event("login", { address: "bot" })),
    whence(event("leeched", { address: "feed" })),
    whence(event("x", { address: "terminal" })),
  ]).toEqual(["from 203.0.113.7", "in the bot", "by a feed", ""]);
});

test("events are together by day", () => {
  const days = byDay([event("a"), event("b", { at: 999_999_990 }), event("c", { at: 999_800_000 })]);
  expect(days.map((one) => one.events.map(({ what }) => what))).toEqual([["a", "b"], ["c"]]);
});
