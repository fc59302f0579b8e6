// Seconds that are left, for the eye each second and for the ear at a few of them.

const SPOKEN = [3600, 1800, 600, 300, 240, 180, 120, 60, 30, 10, 0];

/** Whole seconds from `now` until `until`, both in milliseconds; 0 when it is over. */
export const secondsLeft = (until: number, now: number) => Math.max(0, Math.ceil((until - now) / 1000));

/** The seconds that were said last: speech follows a countdown at a few points only. */
export const lastSpoken = (left: number, from: number): number => {
  const passed = SPOKEN.filter((point) => point >= left && point < from);
  return passed.length ? Math.min(...passed) : from;
};
