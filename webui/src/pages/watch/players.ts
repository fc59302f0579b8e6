// Programs that play an address: how each is asked to. Pure.

export type Program = { name: string; href: string };

/** The platforms on which a program is offered; "" for all. */
export type Platform = "android" | "ios" | "mac" | "desk";

export function platformOf(agent: string, touches: number): Platform {
  if (/android/i.test(agent)) return "android";
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touches > 1)) return "ios";
  return /Macintosh/.test(agent) ? "mac" : "desk";
}

/** The programs of a platform, with the address that opens `stream` in each. */
export function programs(stream: string, name: string, platform: Platform): Program[] {
  const encoded = encodeURIComponent(stream);
  const all: Record<string, string> = {
    VLC: platform === "ios" ? `vlc-x-callback://x-callback-url/stream?url=${encoded}` : `vlc://${stream}`,
    mpv: `mpv://play/${base64(stream)}/`,
    IINA: `iina://weblink?url=${encoded}`,
    Infuse: `infuse://x-callback-url/play?url=${encoded}`,
    "MX Player": intent(stream, name, "com.mxtech.videoplayer.ad"),
    Kodi: intent(stream, name, "org.xbmc.kodi"),
  };
  const offered: Record<Platform, string[]> = {
    android: ["VLC", "MX Player", "Kodi"],
    ios: ["VLC", "Infuse"],
    mac: ["VLC", "IINA", "Infuse", "mpv"],
    desk: ["VLC", "mpv"],
  };
  if (platform === "android") all.VLC = intent(stream, name, "org.videolan.vlc");
  return offered[platform].map((one) => ({ name: one, href: all[one] ?? "" }));
}

/** An Android intent that plays `stream` in one app. */
function intent(stream: string, name: string, app: string): string {
  const url = new URL(stream);
  const title = encodeURIComponent(name);
  const scheme = url.protocol.slice(0, -1);
  return `intent://${url.host}${url.pathname}${url.search}#Intent;scheme=${scheme};action=android.intent.action.VIEW;type=video/*;package=${app};S.title=${title};end`;
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** A playlist of one file, which Kodi, VLC and televisions open. */
export const playlist = (stream: string, name: string, seconds: number | null): string =>
  `#EXTM3U\n#EXTINF:${Math.round(seconds ?? -1)},${name.replace(/[\r\n]+/g, " ")}\n${stream}\n`;
