import { useSyncExternalStore } from "react";

/** State that is no server's: read in React by `useStore`, kept when a page is left where its owner wants that. */
export class Store<T extends object> {
  #state: T;
  #listeners = new Set<() => void>();

  constructor(state: T) {
    this.#state = state;
  }

  readonly get = () => this.#state;

  set(change: Partial<T>): void {
    const before = this.#state;
    const changed = (Object.keys(change) as (keyof T)[]).some((name) => !Object.is(before[name], change[name]));
    if (!changed) return;
    this.#state = { ...before, ...change };
    for (const tell of this.#listeners) tell();
  }

  readonly subscribe = (tell: () => void) => {
    this.#listeners.add(tell);
    return () => {
      this.#listeners.delete(tell);
    };
  };
}

/** A part of a store's state. `part` has to give the same value for the same state. */
export function useStore<T extends object, P>(store: Store<T>, part: (state: T) => P): P {
  return useSyncExternalStore(store.subscribe, () => part(store.get()));
}
