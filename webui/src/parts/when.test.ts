import { expect, test, vi } from "vitest";

vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"] });
const { relative } = await import("./when");

test.each([
  [0, "now"],
  [-59, "now"],
  [-60, "1 minute ago"],
  [-7200, "2 hours ago"],
  [-86_400, "yesterday"],
  [3 * 86_400 + 5, "in 3 days"],
  [40 * 86_400, "next month"],
  [-800 * 86_400, "2 years ago"],
])("%s s from now is %s", (seconds, words) => {
  expect(relative(1_000_000_000 + seconds, 1_000_000_000)).toBe(words);
});
