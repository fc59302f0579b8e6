import { expect, test } from "vitest";
import type { Condition, Link } from "@/api/live";
import { worstOf } from "./worst";

const LIVE: Link = { connection: "live", again: null, failures: 0 };
const lost = (failures: number): Link => ({ connection: "away", again: 5000, failures });
const condition = (what: string, until: number | null = null): Condition => ({
  what,
  subject: "",
  since: 0,
  until,
  detail: "",
});

test("nothing is said while all is well, or while a connection comes back at once", () => {
  expect(worstOf(true, LIVE, [])).toBeNull();
  expect(worstOf(true, lost(1), [])).toBeNull();
});

test("a browser without a network is said before all else, a server that is away before what it cannot do", () => {
  const conditions = [condition("database")];
  expect(worstOf(false, lost(3), conditions)).toEqual({ is: "offline" });
  expect(worstOf(true, lost(3), conditions)).toEqual({ is: "lost", again: 5000 });
  expect(worstOf(true, LIVE, conditions)).toMatchObject({ is: "condition", what: "database" });
});

test("of what the server cannot do, what those who watch notice is said, the worst first", () => {
  expect(worstOf(true, LIVE, [condition("updates"), condition("disk"), condition("account")])).toBeNull();
  expect(worstOf(true, LIVE, [condition("flood", 99), condition("telegram")])).toMatchObject({ what: "telegram" });
  expect(worstOf(true, LIVE, [condition("flood", 99)])).toMatchObject({ what: "flood", until: 99 });
});
