// Which menu or dialog of an item is open: one for the whole page, however many items are shown.

import { useSyncExternalStore } from "react";
import type { Item } from "@/api/client";
import type { Target } from "@/api/links";

/** An entry of a menu that a page adds, such as "take out of this collection". */
export type Extra = { name: string; run: () => void; danger?: boolean };
type Place = { x: number; y: number };
export type Asked =
  | { what: "menu"; item: Item; at: HTMLElement | Place; extra?: readonly Extra[] }
  | { what: "collect"; items: readonly Item[] }
  | { what: "call"; item: Item; position: number; begun?: () => void }
  | { what: "link"; target: Target; name: string }
  | { what: "qr"; address: string; name: string };

let asked: Asked | null = null;
let back: HTMLElement | null = null;
const listeners = new Set<() => void>();

export function ask(next: Asked | null): void {
  if (!asked && next) back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  asked = next;
  for (const listener of listeners) listener();
}

/** Where the focus goes when all is closed; null where that is gone. */
export const backTo = (): HTMLElement | null => (back?.isConnected ? back : null);

export const useAsked = (): Asked | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
