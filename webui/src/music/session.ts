// The system's own controls: media keys, headphones, the lock screen.

import { thumbOf } from "@/api/media";
import { heading, legible } from "@/parts/words";
import type { Track } from "./queue";

export type Keys = {
  play: () => void;
  pause: () => void;
  previous: () => void;
  next: () => void;
  stop: () => void;
  seekTo: (seconds: number) => void;
  seekBy: (seconds: number) => void;
};

const STEP = 10;

/** Takes the system's controls for the music. To be called whenever it begins to sound. */
export function takeKeys(track: Track, keys: Keys): void {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  session.metadata = new MediaMetadata({
    title: heading(track),
    artist: legible(track.performer),
    artwork: ([160, 320, 640] as const).flatMap((width) => {
      const src = thumbOf(track, width);
      return src ? [{ src, sizes: `${width}x${width}`, type: "image/jpeg" }] : [];
    }),
  });
  const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", keys.play],
    ["pause", keys.pause],
    ["stop", keys.stop],
    ["previoustrack", keys.previous],
    ["nexttrack", keys.next],
    ["seekto", (event) => event.seekTime !== undefined && keys.seekTo(event.seekTime)],
    ["seekbackward", (event) => keys.seekBy(-(event.seekOffset ?? STEP))],
    ["seekforward", (event) => keys.seekBy(event.seekOffset ?? STEP)],
  ];
  for (const [action, handler] of handlers) handle(action, handler);
}

export function tellState(state: MediaSessionPlaybackState): void {
  if ("mediaSession" in navigator) navigator.mediaSession.playbackState = state;
}

export function tellPosition(position: number, duration: number): void {
  if (!("mediaSession" in navigator) || !(duration > 0)) return;
  navigator.mediaSession.setPositionState?.({ duration, position: Math.min(position, duration), playbackRate: 1 });
}

export function releaseKeys(): void {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  session.metadata = null;
  session.playbackState = "none";
  const all = ["play", "pause", "stop", "previoustrack", "nexttrack", "seekto", "seekbackward", "seekforward"] as const;
  for (const action of all) handle(action, null);
}

function handle(action: MediaSessionAction, handler: MediaSessionActionHandler | null): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch {
    // an action that this browser does not know
  }
}
