import type { WorkItem } from "@/api/client";
import type { ListSearch } from "@/app/search";
import { locale } from "@/i18n";

/** Series in the order of the address; the server gives those with the newest files first. */
export function inOrder(works: readonly WorkItem[], { sort, order }: ListSearch): WorkItem[] {
  const collator = new Intl.Collator(locale(), { numeric: true, sensitivity: "base" });
  const ordered = sort === "name" ? works.toSorted((a, b) => collator.compare(a.title, b.title)) : [...works];
  const turned = sort === "name" ? order === "desc" : order === "asc";
  return turned ? ordered.reverse() : ordered;
}
