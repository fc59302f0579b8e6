import { useEffect, useRef } from "react";
import type { Item } from "@/api/client";
import { queries } from "@/api/query";
import { readWatch, type WatchState, writeWatch } from "@/api/watch";
import type { Engine } from "./engine";
import { creditsOf, Keeper, otherDevice, type Why } from "./progress";

const LONG_PAUSE = 30_000; // milliseconds: after that another device may have gone on

/** Keeps where the viewer is, and follows when another device has gone on. `followed` is told where to. */
export function useProgress(
  engine: Engine,
  item: Item,
  watched: WatchState | null,
  followed: (time: number) => void,
): void {
  const known = useRef(watched?.updated ?? null);
  const tell = useRef(followed);
  tell.current = followed;
  useEffect(() => {
    const life = new AbortController();
    const { signal } = life;
    const media = engine.media;
    if (!media) return;
    const begun = media.currentTime;
    let pausedAt = 0;
    const keeper = new Keeper(
      async (progress) => {
        const state = await writeWatch(item, progress);
        known.current = state?.updated ?? known.current;
        queries.setQueryData(["watch", item.chat_id, item.message_id], state ?? undefined);
      },
      () => creditsOf(engine.store.get().facts?.chapters ?? [], engine.store.get().duration),
    );
    const at = (why: Why) => keeper.at(why, { time: media.currentTime, duration: engine.store.get().duration });
    const follow = async () => {
      const told = await readWatch(item, signal).catch(() => null);
      const to = told && otherDevice(told, known.current, media.currentTime);
      if (signal.aborted || !told || to === null) return;
      known.current = told.updated;
      engine.seek(to);
      tell.current(to);
    };
    const on = (name: string, act: () => void) => media.addEventListener(name, act, { signal });
    on("playing", () => keeper.begin());
    on("timeupdate", () => !media.paused && !media.seeking && at("tick"));
    on("pause", () => {
      pausedAt = Date.now();
      if (media.readyState > 0 && !engine.store.get().trouble) at("pause");
    });
    on("play", () => {
      if (pausedAt && Date.now() - pausedAt > LONG_PAUSE) void follow();
    });
    on("seeked", () => {
      if (Math.abs(media.currentTime - begun) > 1 && !media.paused) keeper.begin();
      at("seek");
    });
    on("ended", () => at("end"));
    const hidden = () => (document.visibilityState === "hidden" ? at("leave") : media.paused && void follow());
    document.addEventListener("visibilitychange", hidden, { signal });
    window.addEventListener("pagehide", () => at("leave"), { signal });
    window.addEventListener("focus", () => media.paused && void follow(), { signal });
    return () => {
      at("leave");
      life.abort();
      void queries.invalidateQueries({ queryKey: ["watch"] });
    };
  }, [engine, item]);
}
