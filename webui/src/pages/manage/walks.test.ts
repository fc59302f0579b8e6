import { describe, expect, test } from "vitest";
import type { Walk } from "@/api/live";
import { chatOf, isUnderWay, rowsOf, share } from "./walks";

describe("what names a chat", () => {
  test.each([
    ["-1001234567890", -1001234567890],
    [" @films ", "@films"],
    ["https://t.me/films", "@films"],
    ["t.me/s/films/42", "@films"],
    ["https://t.me/films?single", "@films"],
    ["https://t.me/c/1234567890/42", -1001234567890],
    ["films", null],
    ["@abc", null],
    ["1234567890", null],
    ["https://example.org/films", null],
    ["-99999999999999999999", null],
    ["", null],
  ])("%j is %j", (typed, chat) => {
    expect(chatOf(typed)).toBe(chat);
  });
});

const walk = (chat_id: number, state: Walk["state"], done = 0, top = 0): Walk => ({
  chat_id,
  done,
  top,
  files: 0,
  remaining_seconds: null,
  state,
  detail: "",
});

test("a walk shows how much is done, and all when it is finished", () => {
  expect(share(walk(1, "walking", 25, 100))).toBe(0.25);
  expect(share(walk(1, "queued"))).toBe(0);
  expect(share(walk(1, "finished", 0, 0))).toBe(1);
  expect([isUnderWay(walk(1, "waiting")), isUnderWay(walk(1, "failed")), isUnderWay(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("rows are the served chats and those that are walked through; titles come from where they are known", () => {
  const chats = [
    { chat_id: -1, title: "Films", served: true },
    { chat_id: -2, title: "", served: true },
    { chat_id: -3, title: "Offered", served: false },
  ];
  const rows = rowsOf(chats, [walk(-4, "walking"), walk(-1, "finished")], [{ value: -2, title: "Music", count: 4 }]);
  expect(rows.map(({ id, title, files, walk: found }) => [id, title, files, found?.state])).toEqual([
    [-1, "Films", null, "finished"],
    [-2, "Music", 4, undefined],
    [-4, "-4", null, "walking"],
  ]);
});
