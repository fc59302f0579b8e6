// Subtitles as cues: read out of WebVTT, and which of them are shown at a moment. Pure.

export type Cue = { start: number; end: number; text: string };

const TIMING = /^\s*([\d:.]+)\s*-->\s*([\d:.]+)/;

/** The cues of a WebVTT text, in its order. What is no cue is left out. */
export function cuesOf(webvtt: string): Cue[] {
  const blocks = webvtt.replace(/\r\n?/g, "\n").split(/\n{2,}/);
  return blocks.flatMap((block) => {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMING.test(line));
    const [, start, end] = TIMING.exec(lines[at] ?? "") ?? [];
    if (!start || !end) return [];
    const cue = {
      start: secondsOf(start),
      end: secondsOf(end),
      text: lines
        .slice(at + 1)
        .join("\n")
        .trim(),
    };
    return Number.isFinite(cue.start) && cue.end > cue.start && cue.text ? [cue] : [];
  });
}

/** 1:02:03.500 or 02:03.500 as seconds. */
export function secondsOf(text: string): number {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** The cues that are on the screen at a moment; `delay` seconds later than they say (earlier where it is negative). */
export function shownAt<C extends { startTime: number; endTime: number }>(
  cues: Iterable<C>,
  time: number,
  delay: number,
): C[] {
  const moment = time - delay;
  return [...cues].filter((cue) => cue.startTime <= moment && moment < cue.endTime);
}

/** The delay after a step, within ten minutes, without the dust of binary fractions. */
export const delayAfter = (delay: number, step: number) =>
  Math.min(600, Math.max(-600, Math.round((delay + step) * 10) / 10));
