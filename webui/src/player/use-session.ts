import { useEffect } from "react";
import type { Item } from "@/api/client";
import { thumbOf } from "@/api/media";
import { heading, legible } from "@/parts/words";
import type { Engine } from "./engine";
import { useStore } from "./store";

/** The keys and screens of the system: what plays, where it is, and what they do. */
export function useSession(engine: Engine, item: Item, next: (() => void) | null): void {
  const paused = useStore(engine.store, (state) => state.paused);
  const ready = useStore(engine.store, (state) => state.ready);
  useEffect(() => {
    if (!ready || !("mediaSession" in navigator)) return;
    const session = navigator.mediaSession;
    const artwork = thumbOf(item, 640);
    session.metadata = new MediaMetadata({
      title: heading(item),
      artist: legible(item.performer) || "StreamVault",
      artwork: artwork ? [{ src: artwork }] : [],
    });
    const acts: [MediaSessionAction, MediaSessionActionHandler | null][] = [
      ["play", () => engine.play()],
      ["pause", () => engine.pause()],
      ["seekbackward", (told) => engine.move(-(told.seekOffset ?? 10))],
      ["seekforward", (told) => engine.move(told.seekOffset ?? 10)],
      ["seekto", (told) => told.seekTime !== undefined && engine.seek(told.seekTime)],
      ["nexttrack", next],
    ];
    const set = (act: MediaSessionAction, handler: MediaSessionActionHandler | null) => {
      try {
        session.setActionHandler(act, handler);
      } catch {
        // an action that this browser does not know
      }
    };
    for (const [act, handler] of acts) set(act, handler);
    return () => {
      session.metadata = null;
      for (const [act] of acts) set(act, null);
    };
  }, [engine, item, next, ready]);
  useEffect(() => {
    if (!ready || !("mediaSession" in navigator)) return;
    navigator.mediaSession.playbackState = paused ? "paused" : "playing";
  }, [paused, ready]);
  useEffect(() => {
    if (!("mediaSession" in navigator)) return;
    return engine.store.subscribe(() => {
      const { duration, time, rate } = engine.store.get();
      if (!duration || time > duration) return;
      navigator.mediaSession.setPositionState?.({ duration, position: time, playbackRate: rate || 1 });
    });
  }, [engine]);
}
