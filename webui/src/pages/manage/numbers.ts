import { locale } from "@/i18n";

export const percent = (share: number) =>
  new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(share);

/** Seconds as "120 ms" or "1.4 sec". */
export function short(seconds: number): string {
  const [unit, value] = seconds < 1 ? ["millisecond", Math.ceil(seconds * 1000)] : ["second", seconds];
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: String(unit),
    unitDisplay: "short",
    maximumFractionDigits: seconds < 1 ? 0 : 1,
  }).format(Number(value));
}
