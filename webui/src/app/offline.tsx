import { useSyncExternalStore } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";

const t = texts("shell", english);

function watch(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

/** One line while the browser says that there is no network. */
export function OfflineBar() {
  const online = useSyncExternalStore(watch, () => navigator.onLine);
  return (
    <p role="status" className={online ? "sr-only" : "edge bg-raised py-2 text-warn"}>
      {online ? "" : t.offline}
    </p>
  );
}
