import { expect, test } from "vitest";
import { platformOf, playersFor, playlistOf } from "./players";

const address = "https://tv.example.org/s/TOKEN/stream/-1/7/Night%20tide.mkv";

test("knows the platform, and an iPad that says it is a Mac", () => {
  expect(platformOf("Mozilla/5.0 (Linux; Android 16) Chrome/156")).toBe("android");
  expect(platformOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", 5)).toBe("ios");
  expect(platformOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)")).toBe("mac");
  expect(platformOf("Mozilla/5.0 (X11; Linux x86_64)")).toBe("desk");
});

test("puts the whole address into the scheme of each player", () => {
  const names = (["android", "ios", "mac", "desk"] as const).map((platform) =>
    playersFor(address, "Night tide", platform).map((player) => player.name),
  );
  expect(names).toEqual([
    ["VLC", "MX Player", "mpv", "Kodi"],
    ["VLC", "Infuse"],
    ["IINA", "VLC", "Infuse", "mpv"],
    ["VLC", "mpv"],
  ]);
  const mpv = playersFor(address, "Night tide", "desk")[1]?.href ?? "";
  const encoded = /^mpv:\/\/play\/([\w-]+)\/$/.exec(mpv)?.[1] ?? "";
  expect(atob(encoded.replaceAll("-", "+").replaceAll("_", "/"))).toBe(address);
  expect(playersFor(address, "Night; tide", "android")[0]?.href).toBe(
    "intent://tv.example.org/s/TOKEN/stream/-1/7/Night%20tide.mkv#Intent;scheme=https;action=android.intent.action.VIEW;type=video/*;package=org.videolan.vlc;S.title=Night%3B%20tide;end",
  );
});

test("a playlist names the film in one line", () => {
  expect(playlistOf(address, "Night\ntide", 61.4)).toBe(`#EXTM3U\n#EXTINF:61,Night tide\n${address}\n`);
});
