// What the player of music says.

import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { clock, heading } from "@/parts/words";
import type { Track } from "./queue";

const t = texts("music", english);

/** The server's own words where it has some, else ours. */
const or = (own: string) => (said: string) => said || own;

export const sentences = {
  refused: () => t.refused,
  waiting: () => t.waiting,
  gaveUp: () => t.gaveUp,
  resumed: (position: number) => t.resumed(clock(position)),
  skipped: (track: Track) => t.skipped(heading(track)),
  gone: or(t.gone),
  forbidden: or(t.forbidden),
  away: or(t.away),
  undecodable: (said: string) => (said ? `${said} ${t.undecodable}` : t.undecodable),
};
