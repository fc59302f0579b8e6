// Times in words: how long ago, and how long still. Pure.

import { locale } from "@/i18n";

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** "3 hours ago", "in 2 days", "now". `unix` and `now` in seconds. */
export function relative(unix: number, now: number = Date.now() / 1000): string {
  const difference = unix - now;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  for (const [unit, seconds] of UNITS) {
    if (Math.abs(difference) >= seconds) return words.format(Math.trunc(difference / seconds), unit);
  }
  return words.format(0, "second");
}

/** Day and time, for what has to be exact. */
export const exact = (unix: number): string =>
  new Date(unix * 1000).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });

/** The time of a day alone. */
export const timeOfDay = (unix: number): string =>
  new Date(unix * 1000).toLocaleTimeString(locale(), { timeStyle: "short" });
