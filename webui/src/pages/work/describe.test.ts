import { expect, test } from "vitest";
import type { Version } from "@/api/client";
import { episodeTitle, qualityOf, seasonName, versionName, wayName } from "./describe";

const file = (more: Partial<Version> = {}): Version => ({
  ...{ chat_id: -1, message_id: 1, name: "Night Tide 1080p.mkv", size: 2_100_000_000, mime_type: "video/x-matroska" },
  ...{ kind: "video", telegram_kind: "video", duration: 5400, width: 1920, height: 800, date: 0, edit_date: null },
  ...{ caption: "", title: "", performer: "", file_unique_id: "a", stream_url: "", thumb_url: null, placeholder: null },
  ...{ album: null, views: null, forwarded_from: null, pieces: 0, tags: [], watched: null, favourite: false },
  hidden: false,
  facts: {
    ...{ title: "Night Tide", year: 2023, season: null, episode: null, last_episode: null, work: "f:night-tide" },
    ...{ resolution: "1080p", codec: "H.264", languages: ["de"] },
  },
  plays: { way: "hls", reason: "The browser does not open matroska files.", codecs: [] },
  ...more,
});
const unit = (one: Version, episode: number | null = 5, last: number | null = null) => ({
  season: 1,
  episode,
  last,
  cuts: [{ parts: [one] as [Version] }],
});

test("a version is named by what tells it from others", () => {
  expect(versionName({ parts: [file()] })).toBe("1080p · H.264 · German · MKV · 2.1 GB");
  expect(qualityOf(file({ facts: null }))).toBe("800p");
});

test("a version says how it plays, and why", () => {
  expect(wayName({ parts: [file()] })).toEqual({
    name: "Plays repackaged",
    why: "The browser does not open matroska files.",
  });
  const unread = file({
    plays: { way: "unknown", reason: "The server has not looked into this file yet.", codecs: [] },
  });
  expect(wayName({ parts: [unread] }, true)).toEqual({ name: "Being looked into", why: "" });
});

test("an episode is called by its text, without tags, else by its number", () => {
  expect(episodeTitle(unit(file({ caption: "Salt and Rope #series\nmore" })))).toBe("Salt and Rope");
  expect(episodeTitle(unit(file({ caption: "#series" })))).toBe("Episode 5");
  expect(episodeTitle(unit(file(), 5, 6))).toBe("Episode 5–6");
  expect(episodeTitle(unit(file(), null))).toBe("Night Tide 1080p.mkv");
});

test("seasons have names", () => {
  expect([2, 0, null].map(seasonName)).toEqual(["Season 2", "Specials", "More files"]);
});
