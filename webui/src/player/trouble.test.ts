import { describe, expect, it } from "vitest";
import { pauseBefore, sentence, verdictOf, waitingWords, whyNot } from "./trouble";

it("waits longer each time, at most 15 s, and as long as the server asks within reason", () => {
  expect([0, 1, 2, 3, 9].map((tries) => pauseBefore(tries))).toEqual([1, 2, 4, 8, 15]);
  expect([pauseBefore(3, 2), pauseBefore(0, 0.2), pauseBefore(0, 900)]).toEqual([2, 1, 30]);
});

it("says what the server says as a sentence", () => {
  expect(sentence("the film is being looked into: come back in 2 s")).toBe("The film is being looked into.");
  expect(sentence("Telegram does not answer.")).toBe("Telegram does not answer.");
  expect(sentence(null)).toBe("");
  expect(waitingWords("")).toBe("The server is busy. This page tries again by itself.");
});

describe("verdictOf", () => {
  it("goes on where the server is well", () => expect(verdictOf(206, 0)).toEqual({ go: "on" }));
  it("waits for a server that is away or busy", () => {
    expect(verdictOf(0, 2)).toMatchObject({ go: "wait", seconds: 4 });
    expect(verdictOf(503, 0, 17, "full")).toEqual({
      go: "wait",
      seconds: 17,
      words: "Full. This page tries again by itself.",
    });
    expect(verdictOf(429, 0, 3)).toMatchObject({ go: "wait", seconds: 3 });
  });
  it("stops at what waiting does not mend", () => {
    expect(verdictOf(410, 0)).toMatchObject({ go: "stop", trouble: { kind: "gone", again: false } });
    expect(verdictOf(403, 0)).toMatchObject({ go: "stop", trouble: { kind: "expired", again: false } });
    expect(verdictOf(422, 0, 0, "damaged")).toMatchObject({
      trouble: { kind: "broken", why: "Damaged.", again: true },
    });
    expect(verdictOf(500, 0)).toMatchObject({ trouble: { why: "The server answered 500." } });
  });
});

it("names the reasons against the ways that matter, each once", () => {
  expect(whyNot({ direct: "No mpeg4.", hls: "No.", "hls.js": "Not repackaged." })).toBe("No mpeg4. Not repackaged.");
  expect(whyNot({ direct: "Same.", "hls.js": "Same." })).toBe("Same.");
  expect(whyNot({})).toBe("");
});
