import { useEffect, useState } from "react";
import type { Item } from "@/api/client";
import { subtitlesOf } from "@/api/facts";
import { decider } from "./decide";
import { Engine } from "./engine";

/** The engine of a file on an element, begun at `at`; null before the element is there. */
export function useEngine(
  item: Item,
  media: HTMLMediaElement | null,
  begin: { at: number; play: boolean },
): Engine | null {
  const [engine, set] = useState<Engine | null>(null);
  const [first] = useState(begin);
  useEffect(() => {
    if (!media) return;
    const made = new Engine(item, { decide: decider(item), subtitles: () => subtitlesOf(item) });
    made.attach(media);
    void made.open(first);
    set(made);
    return () => {
      made.destroy();
      set(null);
    };
  }, [item, media, first]);
  return engine;
}
