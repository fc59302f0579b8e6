// Whether the command palette is open, and the keys that open it.

import { useEffect, useSyncExternalStore } from "react";

let open = false;
let early = "";
const listeners = new Set<() => void>();

export function showPalette(shown: boolean): void {
  open = shown;
  early = "";
  for (const listener of listeners) listener();
}

export const usePaletteOpen = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );

/** What was typed between the key that opened the palette and its field, which is loaded with the first one. */
export const typedEarly = (): string => early;

const writes = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** `/` outside of fields, and Ctrl-K or Cmd-K anywhere. */
export function usePaletteKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (open && letter && !event.defaultPrevented && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        early += event.key;
        return;
      }
      const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !writes(event.target);
      const k = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (event.defaultPrevented || !(slash || k) || document.querySelector("dialog[open]:not([data-palette])")) return;
      event.preventDefault();
      showPalette(k ? !open : true);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
