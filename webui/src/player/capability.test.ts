import { describe, expect, it } from "vitest";
import { abilities, type Browser, beginsAtOnce, tagOf } from "./capability";

const chromium: Browser = {
  element: (type) => /^(video\/(mp4|webm)|audio\/mpeg)$|avc1|opus/.test(type),
  source: (type) => /avc1|mp4a/.test(type),
  languages: ["de-DE", "en"],
};

describe("abilities", () => {
  it("names the containers and codecs that the browser takes, each once", () => {
    expect(abilities(["avc1.640015", "ac-3", "avc1.640015", ""], chromium)).toEqual({
      containers: "mp4,webm,mp3",
      takes: "avc1.640015",
      mse: "mp4a.40.2,avc1.640015",
      languages: "de-DE,en",
    });
  });

  it("puts the language that the viewer chose first", () => {
    expect(abilities([], chromium, "fr").languages).toBe("fr,de-DE,en");
    expect(abilities([], chromium, "en").languages).toBe("en,de-DE");
  });

  it("names no codec for MediaSource where there is none", () => {
    expect(abilities(["avc1.640015"], { ...chromium, source: null }).mse).toBe("");
  });
});

describe("tagOf", () => {
  it.each([
    ["video/x-matroska", "video"],
    ["audio/flac", "audio"],
    ["image/webp", "img"],
    ["image/svg+xml", null],
    ["application/vnd.apple.mpegurl", null],
    ["audio/x-mpegurl", null],
    ["application/pdf", null],
    ["", null],
  ])("%s is shown by %s", (mime, tag) => expect(tagOf(mime)).toBe(tag));
});

it("lets a browser read only what it would not read for nothing", () => {
  expect(["video/mp4", "audio/flac"].every(beginsAtOnce)).toBe(true);
  expect(["video/x-matroska", "video/quicktime", "video/mp2t"].some(beginsAtOnce)).toBe(false);
});
