// How players outside the browser are opened with an address: by the schemes that they register. Pure.

export type Platform = "android" | "ios" | "mac" | "desk";
export type Player = { name: string; href: string };

export function platformOf(agent: string, touches = 0): Platform {
  if (/android/i.test(agent)) return "android";
  if (/iphone|ipad|ipod/i.test(agent)) return "ios";
  if (/mac os x|macintosh/i.test(agent)) return touches > 1 ? "ios" : "mac"; // an iPad says that it is a Mac
  return "desk";
}

/** The players of a platform that take an address, the commonest first. */
export function playersFor(address: string, title: string, platform: Platform): Player[] {
  const escaped = encodeURIComponent(address);
  const vlc = { name: "VLC", href: `vlc://${address}` };
  const infuse = { name: "Infuse", href: `infuse://x-callback-url/play?url=${escaped}` };
  const mpv = { name: "mpv", href: `mpv://play/${base64(address)}/` }; // as mpv-handler registers it
  switch (platform) {
    case "android":
      return [
        { name: "VLC", href: intent(address, title, "org.videolan.vlc") },
        { name: "MX Player", href: intent(address, title, "com.mxtech.videoplayer.ad") },
        { name: "mpv", href: intent(address, title, "is.xyz.mpv") },
        { name: "Kodi", href: intent(address, title, "org.xbmc.kodi") },
      ];
    case "ios":
      return [{ name: "VLC", href: `vlc-x-callback://x-callback-url/stream?url=${escaped}` }, infuse];
    case "mac":
      return [{ name: "IINA", href: `iina://weblink?url=${escaped}` }, vlc, infuse, mpv];
    default:
      return [vlc, mpv];
  }
}

function intent(address: string, title: string, app: string): string {
  const { protocol, host, pathname, search } = new URL(address);
  const named = `S.title=${encodeURIComponent(title)}`;
  return `intent://${host}${pathname}${search}#Intent;scheme=${protocol.replace(":", "")};action=android.intent.action.VIEW;type=video/*;package=${app};${named};end`;
}

function base64(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** A playlist of one file, for players that register no scheme. */
export const playlistOf = (address: string, title: string, seconds: number | null) =>
  `#EXTM3U\n#EXTINF:${Math.round(seconds ?? -1)},${title.replace(/[\r\n]+/g, " ")}\n${address}\n`;
