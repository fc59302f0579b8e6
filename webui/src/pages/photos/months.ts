import { locale } from "@/i18n";

/** The name of a month, `2026-11`, in few letters; the key itself where it is none. */
export function monthName(key: string): string {
  const found = key.match(/^(\d{4})-(\d{2})$/);
  if (!found) return key;
  const first = new Date(Date.UTC(Number(found[1]), Number(found[2]) - 1));
  return first.toLocaleDateString(locale(), { month: "short", year: "numeric", timeZone: "UTC" });
}

/** Where in the list each month begins, with its name. */
export const monthsAt = (buckets: readonly { key: string; offset: number }[]): ReadonlyMap<number, string> =>
  new Map(buckets.map(({ key, offset }) => [offset, monthName(key)]));
