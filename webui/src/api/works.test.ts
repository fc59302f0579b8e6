import { describe, expect, it } from "vitest";
import type { WorkTree } from "./client";
import { answers } from "./works";

const tree = (...codecs: string[]) =>
  ({ files: [{ file_unique_id: "a", plays: { way: "player", codecs } }], seasons: [] }) as unknown as WorkTree;

describe("how a work plays in this browser", () => {
  it("is told by an answer to all its codecs", () => {
    expect(answers(["avc1.64001f", "mp4a.40.2"], tree("mp4a.40.2", "avc1.64001f"))).toBe(true);
    expect(answers([], tree())).toBe(true);
  });

  it("is not told by an answer that was asked before a codec was known", () => {
    expect(answers([], tree("avc1.64001f"))).toBe(false);
    expect(answers(["avc1.64001f"], tree("avc1.64001f", "opus"))).toBe(false);
    expect(answers([], undefined)).toBe(false);
  });
});
