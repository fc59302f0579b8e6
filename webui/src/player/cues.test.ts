import { describe, expect, it } from "vitest";
import { cuesOf, delayAfter, secondsOf, shownAt } from "./cues";

describe("cuesOf", () => {
  it("reads cues with and without names, hours and settings", () => {
    const text =
      "WEBVTT\n\nNOTE a note\n\nfirst\r\n00:01.000 --> 00:02.500 line:0\r\nOne\r\ntwo\n\n1:00:00.000 --> 1:00:01.000\n<i>Late</i>\n";
    expect(cuesOf(text)).toEqual([
      { start: 1, end: 2.5, text: "One\ntwo" },
      { start: 3600, end: 3601, text: "<i>Late</i>" },
    ]);
  });

  it("leaves out what shows nothing: no text, an end before its start, broken times", () => {
    expect(cuesOf("WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:03.000 --> 00:02.000\nBack\n\n1:x --> 2\nNo")).toEqual([]);
    expect(cuesOf("")).toEqual([]);
  });
});

it("reads minutes and hours", () => {
  expect(secondsOf("01:02.500")).toBe(62.5);
  expect(secondsOf("1:00:02.000")).toBe(3602);
});

describe("shownAt", () => {
  const cues = [
    { startTime: 1, endTime: 3 },
    { startTime: 2, endTime: 4 },
  ];
  it("shows what has begun and has not ended", () => {
    expect(shownAt(cues, 2.5, 0)).toEqual(cues);
    expect(shownAt(cues, 3, 0)).toEqual([cues[1]]);
    expect(shownAt(cues, 0.9, 0)).toEqual([]);
  });
  it("is later with a positive delay and earlier with a negative one", () => {
    expect(shownAt(cues, 3.5, 2)).toEqual([cues[0]]);
    expect(shownAt(cues, 0.5, -1)).toEqual([cues[0]]);
  });
});

it("steps the delay without dust, within ten minutes", () => {
  expect(delayAfter(0.2, 0.1)).toBe(0.3);
  expect(delayAfter(-600, -0.1)).toBe(-600);
});
