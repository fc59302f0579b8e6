// Short notices of what was done, with a way to undo it. The store alone: parts/toast.tsx shows them.

import { useSyncExternalStore } from "react";

export type Toast = {
  id: number;
  text: string;
  tone: "plain" | "danger";
  action?: { name: string; run: () => void };
};

const MOST = 3;
let shown: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Shows a notice; the oldest makes room. */
export function toast(text: string, { action, tone = "plain" }: Partial<Pick<Toast, "action" | "tone">> = {}): number {
  last += 1;
  change([...shown, { id: last, text, tone, action }].slice(-MOST));
  return last;
}

export const dismiss = (id: number): void => change(shown.filter((one) => one.id !== id));

export const toasts = (): readonly Toast[] => shown;

export const useToasts = (): readonly Toast[] =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, toasts);
