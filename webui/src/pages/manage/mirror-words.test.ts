import { describe, expect, test, vi } from "vitest";

vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"] });
const { channelsOf, lagOf, leftOut, stateOf } = await import("./mirror-words");

describe("a mirror in words", () => {
  test.each([
    [0, 500, ""],
    [1, 0, "1 behind"],
    [1420, 0, "1,420 behind"],
  ])("%i behind", (lag, lag_seconds, words) => {
    expect(lagOf({ lag, lag_seconds })).toBe(words);
  });

  test("how old the oldest is that is missing", () => {
    expect(lagOf({ lag: 3, lag_seconds: 7200 })).toMatch(/^3 behind, the oldest from .+ ago$/);
  });

  test("channels by their titles, or their numbers", () => {
    const mirror = { source: -1001, source_title: "Films\u202e", target: -1002, target_title: " " };
    expect(channelsOf(mirror)).toEqual({ source: "Films", target: "-1002" });
  });

  test("states and what was left out", () => {
    expect(stateOf("following")).toBe("Up to date");
    expect(leftOut({ left_out: [] })).toBe(0);
    expect(
      leftOut({
        left_out: [
          { reason: "quiz", count: 2 },
          { reason: "dice", count: 3 },
        ],
      }),
    ).toBe(5);
  });
});
