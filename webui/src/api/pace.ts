// When lists are asked for anew after changes of the library: soon after one, and the longer apart the longer changes
// go on, as while a channel's history is read. Pure but for the clock and the timer that it is given.

export const SOON = 3000;
export const LATEST = 60_000;

type Timer = ReturnType<typeof setTimeout>;
type Clock = { now: () => number; after: (ms: number, run: () => void) => Timer; cancel: (timer: Timer) => void };

const CLOCK: Clock = { now: Date.now, after: (ms, run) => setTimeout(run, ms), cancel: clearTimeout };

/** `run` is called with whether any of the changes was within what was there, and not only new files. */
export function paced(run: (inside: boolean) => void, { now, after, cancel }: Clock = CLOCK) {
  let pause = SOON;
  let last = Number.NEGATIVE_INFINITY;
  let inside = false;
  let timer: Timer | undefined;

  function wait(ms: number) {
    timer = after(ms, () => {
      const within = inside;
      timer = undefined;
      inside = false;
      last = now();
      run(within);
    });
  }

  return {
    /** Notes a change. */
    changed(within: boolean) {
      inside ||= within;
      if (timer !== undefined) return;
      pause = now() - last < 2 * pause ? Math.min(2 * pause, LATEST) : SOON;
      wait(pause);
    },
    /** Changes that went on have come to an end: what is noted is asked for soon. */
    settled() {
      if (timer !== undefined) {
        cancel(timer);
        wait(SOON);
      }
      pause = SOON;
    },
  };
}
