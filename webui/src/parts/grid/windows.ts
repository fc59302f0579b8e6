import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { Filters } from "@/api/catalog";
import { queries } from "@/api/query";
import { type Listed, WINDOW, windowKey, windowQuery } from "@/api/windows";
import { windowsOf } from "./geometry";
import { isWindowOf, shiftOf } from "./steady";
import type { View } from "./use-grid";

/** Windows that are kept, of all lists: some thousand items. */
const KEPT = 36;
const used = new Map<string, readonly unknown[]>();

/** Notes the use of a window, and forgets those that were not used for long. */
function note(key: readonly unknown[]): void {
  const name = JSON.stringify(key);
  used.delete(name);
  used.set(name, key);
  for (const [old, oldKey] of used) {
    if (used.size <= KEPT) return;
    used.delete(old);
    queries.removeQueries({ queryKey: oldKey, exact: true, type: "inactive" });
  }
}

export type Windows<T> = {
  /** An item of the list, where it is known. */
  at: (index: number) => T | undefined;
  /** Whether a part in sight could not be loaded. */
  failed: boolean;
  again: () => void;
};

/** The items of a list around what is seen. Windows that leave the view before they have come are cancelled. */
export function useWindows<T extends Listed>(
  filters: Filters,
  { first, end, fast }: Pick<View, "first" | "end" | "fast">,
): Windows<T> {
  const from = Math.floor(first / WINDOW);
  const to = Math.ceil(end / WINDOW);
  const wanted = useMemo(() => (fast ? [] : windowsOf(from * WINDOW, to * WINDOW, WINDOW)), [fast, from, to]);
  const results = useQueries({
    queries: wanted.map((number) => windowQuery<T>(filters, number, () => shiftOf(filters))),
    combine: (all) => ({ data: all.map((one) => one.data), failed: all.some((one) => one.isError) }),
  });
  useEffect(() => {
    for (const number of wanted) note(windowKey(filters, number));
  }, [wanted, filters]);
  const at = (index: number) => {
    const number = Math.floor(index / WINDOW);
    const known = results.data[wanted.indexOf(number)] ?? queries.getQueryData<T[]>(windowKey(filters, number));
    return known?.[index % WINDOW];
  };
  const again = () => queries.refetchQueries({ predicate: isWindowOf(filters), type: "active" });
  return { at, failed: results.failed, again };
}
