import { lazy, Suspense } from "react";

const Status = lazy(() => import("./status"));

/** What goes wrong just now, in one line above the page. Loaded after the page. */
export function OfflineBar() {
  return (
    <Suspense>
      <Status />
    </Suspense>
  );
}
