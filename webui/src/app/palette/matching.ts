// Which names of this device's own (pages, actions, collections, channels) match what is typed. Pure.

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** How well a name has each of the words, as beginnings of its own: 0 for not; higher is better. */
export function score(name: string, text: string): number {
  const wanted = fold(text).trim();
  if (!wanted) return 0;
  const folded = fold(name);
  if (folded === wanted) return 4;
  if (folded.startsWith(wanted)) return 3;
  const words = folded.split(/[^\p{L}\p{N}]+/u);
  const all = wanted.split(/\s+/).every((word) => words.some((one) => one.startsWith(word)));
  if (all) return 2;
  return wanted.length > 2 && folded.includes(wanted) ? 1 : 0;
}

/** Those that match, the best first; of equal ones in their order. */
export function matching<T>(all: readonly T[], text: string, nameOf: (one: T) => string, most: number): T[] {
  return all
    .map((one) => ({ one, value: score(nameOf(one), text) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, most)
    .map(({ one }) => one);
}
