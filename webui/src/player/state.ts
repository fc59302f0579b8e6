import type { Facts, Subtitle, Way } from "@/api/facts";
import type { Trouble } from "./trouble";

/** What is known of a film that plays, or of why it does not. */
export type PlayerState = {
  way: Way | null;
  facts: Facts | null;
  /** False where seeking would stop the film. */
  seeks: boolean;
  /** What is told for as long as this way is taken, and what is told at the moment. */
  warning: string;
  said: string;
  trouble: Trouble | null;
  /** Whether there is something to play: a source that the element has begun to read. */
  ready: boolean;
  paused: boolean;
  ended: boolean;
  waiting: boolean;
  /** The browser wants a touch or a key before it plays. */
  blocked: boolean;
  time: number;
  duration: number;
  buffered: readonly (readonly [number, number])[];
  volume: number;
  muted: boolean;
  rate: number;
  audio: number | null;
  subtitles: readonly Subtitle[];
  /** The id of those that are shown. */
  subtitle: string | null;
  delay: number;
};

export const FIRST: PlayerState = {
  way: null,
  facts: null,
  seeks: true,
  warning: "",
  said: "",
  trouble: null,
  ready: false,
  paused: true,
  ended: false,
  waiting: false,
  blocked: false,
  time: 0,
  duration: 0,
  buffered: [],
  volume: 1,
  muted: false,
  rate: 1,
  audio: null,
  subtitles: [],
  subtitle: null,
  delay: 0,
};

/** What of the element the page shows. */
export function stateOf(media: HTMLMediaElement): Partial<PlayerState> {
  return {
    paused: media.paused,
    ended: media.ended,
    time: media.currentTime,
    ...(Number.isFinite(media.duration) && media.duration > 0 ? { duration: media.duration } : {}),
    buffered: rangesOf(media.buffered),
    volume: media.volume,
    muted: media.muted,
    rate: media.playbackRate,
  };
}

function rangesOf(ranges: TimeRanges): [number, number][] {
  return Array.from({ length: ranges.length }, (_, at) => [ranges.start(at), ranges.end(at)]);
}

/** Seconds that play on without another byte. */
export function ahead(buffered: PlayerState["buffered"], time: number): number {
  const range = buffered.find(([start, end]) => start <= time + 0.1 && time <= end);
  return range ? Math.max(0, range[1] - time) : 0;
}
