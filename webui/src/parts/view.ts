import type { View } from "@/app/search";

const STORED = "sv.view";

/** The view that was chosen last on this device, for lists whose address names none. */
export function keptView(): View | undefined {
  try {
    const kept = localStorage.getItem(STORED);
    return kept === "grid" || kept === "compact" || kept === "list" ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function keepView(view: View): void {
  try {
    localStorage.setItem(STORED, view);
  } catch {
    // the address has it
  }
}
