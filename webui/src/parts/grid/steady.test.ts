import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.resetModules());

/** The module as in a tab that has kept `stored` from before it was loaded anew. */
async function afterReload(stored: string | null) {
  vi.stubGlobal("sessionStorage", { getItem: () => stored, setItem: () => {} });
  vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"], onLine: true });
  vi.stubGlobal("location", new URL("http://127.0.0.1/"));
  vi.doMock("@/api/query", () => ({ queries: new QueryClient() }));
  return import("./steady");
}

test("a list that was seen before in the tab has its size at once, and what came since is new", async () => {
  const { newSince } = await afterReload(
    JSON.stringify([
      ["[]", 100],
      ['[["kind","video"]]', 7],
    ]),
  );
  expect(newSince(103, {})).toBe(3);
  expect(newSince(9, { kind: "video" })).toBe(2);
  expect(newSince(90, {})).toBe(0);
});

test("what is no list of sizes is forgotten", async () => {
  const { newSince } = await afterReload('[["[]","many"],5]');
  expect(newSince(103, {})).toBe(0);
  const { newSince: again } = await afterReload("{");
  expect(again(103, {})).toBe(0);
});

test("windows are those of the same selection, in whatever order its filters stand", async () => {
  const { isWindowOf } = await afterReload(null);
  const is = isWindowOf({ kind: "video", year: 2024 });
  expect(is({ queryKey: ["catalog", { year: 2024, kind: "video" }, "window", 3] })).toBe(true);
  expect(is({ queryKey: ["catalog", { kind: "video" }, "window", 3] })).toBe(false);
  expect(is({ queryKey: ["catalog", { kind: "video", year: 2024 }, "histogram"] })).toBe(false);
});
