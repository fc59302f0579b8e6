// What this browser plays, as it says itself. The server knows of its lies and decides (playback/decision.py).

import type { Abilities } from "@/api/facts";

const CONTAINERS: Record<string, string> = {
  mp4: "video/mp4",
  webm: "video/webm",
  matroska: "video/x-matroska",
  mpegts: "video/mp2t",
  ogg: "audio/ogg",
  mp3: "audio/mpeg",
  flac: "audio/flac",
  wav: "audio/wav",
  hls: "application/vnd.apple.mpegurl",
};

/** The two questions that a browser answers; `source` null without MediaSource. */
export type Browser = {
  element: (type: string) => boolean;
  source: ((type: string) => boolean) | null;
  languages: readonly string[];
};

/** What the element and MediaSource say of these codec strings (RFC 6381). `first`: a language that is preferred. */
export function abilities(codecs: readonly string[], browser: Browser, first = ""): Abilities {
  const all = [...new Set(codecs.filter(Boolean))];
  const types = (codec: string) =>
    ["video/mp4", "video/webm", "audio/mp4", "audio/webm"].map((type) => `${type}; codecs="${codec}"`);
  const inMp4 = (codec: string) => ["video/mp4", "audio/mp4"].map((type) => `${type}; codecs="${codec}"`);
  const { source } = browser;
  return {
    containers: Object.keys(CONTAINERS)
      .filter((name) => browser.element(CONTAINERS[name] ?? ""))
      .join(","),
    takes: all.filter((codec) => types(codec).some(browser.element)).join(","),
    mse: source ? [...new Set(["mp4a.40.2", ...all])].filter((codec) => inMp4(codec).some(source)).join(",") : "",
    languages: [...new Set([first, ...browser.languages].filter(Boolean))].slice(0, 8).join(","),
  };
}

/** This browser. */
export function thisBrowser(): Browser {
  const probe = document.createElement("video");
  const managed: unknown = "ManagedMediaSource" in window ? window.ManagedMediaSource : undefined;
  const source = window.MediaSource ?? (managed as typeof MediaSource | undefined);
  return {
    element: (type) => probe.canPlayType(type) !== "",
    source: source ? (type) => source.isTypeSupported(type) : null,
    languages: navigator.languages ?? [],
  };
}

export type Tag = "video" | "audio" | "img";

/** What shows a file of this type: animations may be GIFs, and stickers films. null: nothing in a page does. */
export function tagOf(mime: string): Tag | null {
  const [type = "", rest = ""] = mime.split("/");
  if (/svg|mpegurl|scpls|x-ms-asx|pn-realaudio/.test(rest)) return null; // playlists have types of sound and video
  const tags: Record<string, Tag> = { video: "video", audio: "audio", image: "img" };
  return tags[type] ?? null;
}

/** Whether a film may be given to the element before its facts are known: it would not be read for nothing. */
export const beginsAtOnce = (mime: string) => /^(video\/(mp4|webm|ogg)|audio\/.*)$/.test(mime);
