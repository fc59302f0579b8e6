import { expect, test } from "vitest";
import { allSet, hintsOf, type Known } from "./hints";
import { whoOf } from "./names";

const chat = (chat_id: number, served: boolean) => ({ chat_id, title: "", served, added_by: null, added_at: null });
const walk = (state: "finished" | "failed" | "walking") => ({
  chat_id: -1,
  done: 1,
  top: 1,
  files: 0,
  remaining_seconds: null,
  state,
  detail: "",
});
const NEW: Known = { chats: [], walks: [], files: 0, members: 0, conditions: [] };
const said = (known: Partial<Known>) => hintsOf({ ...NEW, ...known }).map(({ name, state }) => `${name} ${state}`);

test("a new server is told to have a channel served, read and shared", () => {
  expect(said({})).toEqual(["serve todo", "read todo", "invite todo"]);
  expect(allSet(hintsOf(NEW))).toBe(false);
});

test("a server with files and members has nothing left to do", () => {
  const known = { ...NEW, chats: [chat(-1, true)], files: 5, members: 2 };
  expect(said(known)).toEqual(["serve done", "read done", "invite done"]);
  expect(allSet(hintsOf(known))).toBe(true);
});

test("nobody has to be invited", () => {
  expect(allSet(hintsOf({ ...NEW, chats: [chat(-1, true)], walks: [walk("finished")] }))).toBe(true);
});

test("what is wrong comes first: conditions, then failed walks; chats that wait are to be decided on", () => {
  const condition = { what: "vault", subject: "", since: 1, until: null, detail: "" };
  const known = {
    chats: [chat(-1, true), chat(-2, false)],
    walks: [walk("failed")],
    files: 1,
    conditions: [condition],
  };
  expect(said(known)).toEqual([
    "condition wrong",
    "failed wrong",
    "serve done",
    "offered todo",
    "read done",
    "invite todo",
  ]);
});

test.each([
  ["person:42", { is: "person", id: 42 }],
  ["link:5f2c", { is: "link", id: "5f2c" }],
  ["address:2001:db8::1", { is: "address", at: "2001:db8::1" }],
  ["person:<script>", { is: "address", at: "<script>" }],
])("%s watches", (who, found) => {
  expect(whoOf(who)).toEqual(found);
});
