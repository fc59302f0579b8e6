import { useState } from "react";

let byAddress = true; // this document was opened at the page that is shown

/**
 * Whether the page was come to from within: then the person has asked to play. An address that is opened waits.
 * Decided once for each `file`.
 */
export function useTouched(file: string): boolean {
  const now = () => {
    if (opened() !== location.pathname) byAddress = false;
    return { file, touched: !byAddress };
  };
  const [decided, decide] = useState(now);
  if (decided.file !== file) decide(now());

  return decided.touched;
}

function opened(): string {
  const entry = performance.getEntriesByType("navigation")[0];
  return entry ? new URL(entry.name, location.href).pathname : "";
}
