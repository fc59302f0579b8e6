import { useEffect, useState } from "react";

let byAddress = true; // this document was opened at the page that is shown

/** Whether the page was come to from within: then the person has asked to play. An address that is opened waits. */
export function useTouched(): boolean {
  const [touched] = useState(() => !byAddress || opened() !== location.pathname);
  useEffect(
    () => () => {
      if (opened() !== location.pathname) byAddress = false;
    },
    [],
  );
  return touched;
}

function opened(): string {
  const entry = performance.getEntriesByType("navigation")[0];
  return entry ? new URL(entry.name, location.href).pathname : "";
}
