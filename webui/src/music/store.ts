// A value outside React that components may watch: what plays lives longer than any page.

import { useSyncExternalStore } from "react";

export type Store<T> = {
  get: () => T;
  set: (change: Partial<T>) => void;
  subscribe: (changed: () => void) => () => void;
};

export function createStore<T extends object>(initial: T): Store<T> {
  let value = initial;
  const watchers = new Set<() => void>();
  return {
    get: () => value,
    set(change) {
      value = { ...value, ...change };
      for (const watcher of watchers) watcher();
    },
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}

/** A part of a store's value; the component is drawn anew when that part is another one. */
export const useStore = <T, S>(store: Store<T>, part: (value: T) => S): S =>
  useSyncExternalStore(store.subscribe, () => part(store.get()));
