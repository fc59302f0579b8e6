import { describe, expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { standingOf } from "./standing";

describe("in place of pages", () => {
  test.each([
    ["an owner", { role: "owner", can: ["read", "index"] }, "", "open"],
    ["a guest with a link", { role: "guest", can: ["read"] }, "abc", "open"],
    ["a stranger where everybody reads", { role: "none", can: ["read", "playback"] }, "", "open"],
    ["a stranger with an old link where everybody reads", { role: "none", can: ["read"] }, "old", "open"],
    ["a stranger", { role: "none", can: [] }, "", "login"],
    ["a stranger with an old link", { role: "none", can: [] }, "old", "link"],
    ["somebody not known yet", undefined, "", "open"],
  ])("%s", (_, me, token, is) => {
    expect(standingOf(me, null, token, 0)).toEqual({ is });
  });

  test("a server that is away is asked again, ever more seldom", () => {
    const away = new Problem(0, "", "");
    expect([1, 2, 3, 4, 9].map((failures) => standingOf(undefined, away, "", failures))).toEqual([
      { is: "away", again: 2 },
      { is: "away", again: 4 },
      { is: "away", again: 8 },
      { is: "away", again: 15 },
      { is: "away", again: 15 },
    ]);
  });

  test("a server that starts is asked often, whatever wait it names: it may be ready before", () => {
    expect(standingOf(undefined, new Problem(503, "", "", 300), "", 1)).toEqual({ is: "starting", again: 5 });
    expect(standingOf(undefined, new Problem(503, "", "", 0), "", 1)).toEqual({ is: "starting", again: 2 });
  });

  test("who asked too much waits as long as the server says", () => {
    expect(standingOf(undefined, new Problem(429, "", "", 42), "", 1)).toEqual({ is: "limited", again: 42 });
  });

  test("who is known stays, whatever goes wrong later", () => {
    expect(standingOf({ role: "owner", can: ["read"] }, new Problem(503, "", ""), "", 3)).toEqual({ is: "open" });
  });

  test("another failure is left to the pages", () => {
    expect(standingOf(undefined, new Problem(500, "", ""), "", 1)).toEqual({ is: "open" });
    expect(standingOf(undefined, new Error("other"), "", 1)).toEqual({ is: "open" });
  });
});
