// What a list can be narrowed by, and the words for it. Pure.

import type { Facets } from "@/api/catalog";
import type { Kind } from "@/api/client";
import type { ListSearch, Order, Sort } from "@/app/search";
import { locale, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import type { Option } from "./choice";
import { legible } from "./words";

const t = texts("browse", english);

export type Group = "kind" | "year" | "resolution" | "language" | "chat" | "tag";

/** The words for a kind of file. */
export const kindName = (kind: Kind): string => t[`kind_${kind}`];

/** A language in words; its code where there are none. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(locale(), { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** The values of a group with their counts, and in words. */
export function optionsOf(group: Group, facets: Facets): Option[] {
  const least = !facets.exact; // the newest files alone were counted
  return valuesOf(group, facets).map((option) => ({ ...option, least }));
}

function valuesOf(group: Group, facets: Facets): Option[] {
  switch (group) {
    case "kind":
      return facets.kinds.map(({ value, count }) => ({ value, label: kindName(value as Kind), count }));
    case "chat":
      return facets.chats.map(({ value, title, count }) => ({
        value: String(value),
        label: legible(title ?? "") || String(value),
        count,
      }));
    case "year":
      return facets.years
        .toSorted((a, b) => b.value - a.value)
        .map(({ value, count }) => ({ value: String(value), label: String(value), count }));
    case "resolution":
      return facets.resolutions.map(({ value, count }) => ({ value, label: value, count }));
    case "language":
      return facets.languages.map(({ value, count }) => ({ value, label: languageName(value), count }));
    case "tag":
      return facets.tags.map(({ value, count }) => ({ value, label: `#${legible(value)}`, count }));
  }
}

export const groupName = (group: Group): string => t[group];
export const allOf = (group: Group): string => t[`all_${group}`];

/** The search after a value of a group was chosen; "" for all. */
export function chosen(group: Group, value: string): Partial<ListSearch> {
  const numeric = group === "year" || group === "chat";
  return { [group]: value === "" ? undefined : numeric ? Number(value) : value };
}

/** Whether anything narrows the list. */
export const isNarrowed = (search: ListSearch, groups: readonly Group[]) =>
  !!search.q || groups.some((group) => search[group] !== undefined);

/** A search with nothing that narrows it. */
export const cleared = (groups: readonly Group[]): Partial<ListSearch> => ({
  q: undefined,
  ...Object.fromEntries(groups.map((group) => [group, undefined])),
});

const SORTS: readonly [Sort, Order, keyof typeof english & string][] = [
  ["date", "desc", "newest"],
  ["date", "asc", "oldest"],
  ["name", "asc", "fromA"],
  ["name", "desc", "fromZ"],
  ["size", "desc", "largest"],
  ["size", "asc", "smallest"],
];

/** The orders of a list; films and series have no `sizes`. */
export const sortOptions = ({ sizes = true } = {}): Option[] =>
  SORTS.filter(([sort]) => sizes || sort !== "size").map(([sort, order, name]) => ({
    value: `${sort} ${order}`,
    label: String(t[name]),
  }));

/** The order of a list as one value: names begin with A, all else with the newest and largest. */
export const sortOf = ({ sort = "date", order }: ListSearch) =>
  `${sort} ${order ?? (sort === "name" ? "asc" : "desc")}`;

/** The search of an order; the usual one leaves nothing in the address. */
export function sorted(value: string): Partial<ListSearch> {
  const found = SORTS.find(([sort, order]) => `${sort} ${order}` === value);
  if (!found || value === "date desc") return { sort: undefined, order: undefined };
  const [sort, order] = found;
  return { sort, order: order === (sort === "name" ? "asc" : "desc") ? undefined : order };
}
