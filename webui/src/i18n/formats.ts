// Formats of numbers and dates, made once: making one takes longer than drawing the card that it stands on.

import { locale } from "./index";

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

export function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return kept(numbers, options, () => new Intl.NumberFormat(locale(), options));
}

export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(dates, options, () => new Intl.DateTimeFormat(locale(), options));
}

function kept<T>(all: Map<string, T>, options: object, make: () => T): T {
  const key = locale() + JSON.stringify(options);
  const found = all.get(key) ?? make();
  all.set(key, found);
  return found;
}
