import { useEffect, useState } from "react";
import type { Item, Version } from "@/api/client";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { linesOf } from "@/parts/next-to-play";
import { legible } from "@/parts/words";
import { decider } from "@/player/decide";
import type { Engine } from "@/player/engine";
import { useEngineState } from "./use-engine-state";

const t = texts("watch", english);
const MOST_ASKED = 6; // versions that were never read and are looked at

export type Instead = { item: Version; why: string };

/** Another version in place of one that this browser cannot play, and why; null where it plays, or none does. */
export function useInstead(item: Item, engine: Engine | null, versions: readonly Version[]): Instead | null {
  const trouble = useEngineState(engine, (state) => state.trouble);
  const [instead, set] = useState<(Instead & { of: Item }) | null>(null);
  const refused = trouble?.kind === "cannot" && engine?.item === item ? trouble.why : "";
  useEffect(() => {
    if (!refused || versions.length < 2) return;
    const life = new AbortController();
    void best(item, versions, life.signal).then((found) => {
      if (!found || life.signal.aborted) return;
      set({ of: item, item: found, why: t.otherVersion(legible(item.name), refused, legible(found.name)) });
    });
    return () => life.abort();
  }, [item, refused, versions]);
  return instead?.of === item ? instead : null;
}

/** The best version that plays; one that was never read is asked for first. */
async function best(item: Item, versions: readonly Version[], signal: AbortSignal): Promise<Version | null> {
  const others = versions
    .filter((one) => one.plays && one.file_unique_id !== item.file_unique_id)
    .toSorted((one, other) => linesOf(other) - linesOf(one));
  for (const one of others.slice(0, MOST_ASKED)) {
    const unknown = one.plays?.way === "unknown";
    const asked = unknown ? await decider(one)(null, signal, () => {}).catch(() => null) : null;
    const way = unknown ? asked?.play?.way : one.plays?.way;
    if (signal.aborted) return null;
    if (way && way !== "player") return one;
  }
  return null;
}
