export type Theme = "auto" | "dark" | "light";
const STORED = "sv.theme";

export function theme(): Theme {
  try {
    const kept = localStorage.getItem(STORED);
    return kept === "dark" || kept === "light" ? kept : "auto";
  } catch {
    return "auto";
  }
}

/** Shows a theme; "auto" is the system's. */
export function showTheme(chosen: Theme = theme()): void {
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function chooseTheme(chosen: Theme): void {
  try {
    localStorage.setItem(STORED, chosen);
  } catch {
    // shown until the page is closed
  }
  showTheme(chosen);
}
