// Positions as people write them. Pure.

const CLOCK = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,6})$/;

/** Seconds of "90", "1:30" or "1:02:03"; null for what is none. */
export function secondsOf(text: string): number | null {
  const found = CLOCK.exec(text.trim());
  if (!found) return null;
  const [, hours = "0", minutes = "0", seconds = "0"] = found;
  if (found[2] !== undefined && seconds.length > 2) return null;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
