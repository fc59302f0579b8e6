// What was searched on this device, the latest first. Pure but for where it is kept.

const STORED = "sv.searches";
const MOST = 8;

/** `searches` with `text` in front; each stands once, whatever its capitals. */
export function withSearch(searches: readonly string[], text: string): string[] {
  const said = text.trim().replace(/\s+/g, " ");
  if (!said) return [...searches];
  const same = (one: string) => one.toLocaleLowerCase() === said.toLocaleLowerCase();
  return [said, ...searches.filter((one) => !same(one))].slice(0, MOST);
}

export function searches(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function keepSearch(text: string): void {
  keep(withSearch(searches(), text));
}

export const forgetSearches = (): void => keep([]);

function keep(all: readonly string[]): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(all));
  } catch {
    // such a browser remembers nothing
  }
}
