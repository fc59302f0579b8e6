// A mirror in words: its channels, its state, and how far it is behind. Pure.

import type { Mirror } from "@/api/mirrors";
import { texts } from "@/i18n";
import { mirrors as english } from "@/i18n/en/mirrors";
import { duration, legible, visible } from "@/parts/words";

const t = texts("mirrors", english);

const title = (name: string, id: number) => legible(visible(name) ? name : String(id));

/** Both channels. */
export const channelsOf = (mirror: Pick<Mirror, "source" | "source_title" | "target" | "target_title">) => ({
  source: title(mirror.source_title, mirror.source),
  target: title(mirror.target_title, mirror.target),
});

export const stateOf = (state: Mirror["state"]): string =>
  ({
    queued: t.queued,
    copying: t.copying,
    following: t.following,
    waiting: t.waiting,
    asking: t.asking,
    failed: t.failed,
    done: t.done,
  })[state];

/** "420 behind, the oldest from 2 h ago"; "" where nothing is missing. */
export function lagOf({ lag, lag_seconds: seconds }: Pick<Mirror, "lag" | "lag_seconds">): string {
  if (!lag) return "";
  return [t.behind(lag), seconds > 0 ? t.since(duration(seconds)) : ""].filter(Boolean).join(", ");
}

/** How many messages were left out, in all. */
export const leftOut = (mirror: Pick<Mirror, "left_out">): number =>
  mirror.left_out.reduce((sum, one) => sum + one.count, 0);
