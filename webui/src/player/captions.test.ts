import { describe, expect, it } from "vitest";
import type { Subtitle } from "@/api/facts";
import { preferred } from "./captions";
import { rendition } from "./script";

const one = (id: string, language: string, more: Partial<Subtitle> = {}): Subtitle => ({
  id,
  language,
  title: "",
  format: "subrip",
  forced: false,
  default: false,
  track: Number(id),
  url: `/subtitles/1/2/${id}.vtt`,
  ...more,
});

describe("preferred", () => {
  const all = [one("3", "en", { forced: true }), one("4", "de"), one("5", "en")];
  it("is what the viewer chose last, else what the server proposes", () => {
    expect(preferred(all, "en", 4)?.id).toBe("5");
    expect(preferred(all, "", 4)?.id).toBe("4");
    expect(preferred(all, "fr", 4)?.id).toBe("4");
    expect(preferred(all, "", null)).toBeNull();
  });
  it("is off where it was put off, but for what belongs to the picture", () => {
    expect(preferred(all, "off", 4)).toBeNull();
    expect(preferred(all, "off", 3)?.id).toBe("3");
  });
  it("is none that only players show", () => {
    expect(preferred([one("4", "de", { url: null })], "de", 4)).toBeNull();
  });
});

it("finds the rendition of a track by its address, whatever token is in it", () => {
  const tracks = [{ url: "http://here/hls/1/2/audio/1.m3u8?token=a" }, { url: "/hls/1/2/audio/12.m3u8" }];
  expect([1, 12, 2].map((index) => rendition(tracks, "audio", index))).toEqual([0, 1, -1]);
  expect(rendition(tracks, "text", 1)).toBe(-1);
});
