import { lazy, Suspense, useEffect, useState } from "react";
import { type Dragged, draggedOf } from "./dragged";

const DropTray = lazy(() => import("./drop-tray"));

/** While a film or file is dragged: the collections, to drop it on. Loaded with the first one. */
export function DropPlaces() {
  const [dragged, drag] = useState<Dragged | null>(null);
  useEffect(() => {
    const start = ({ target }: DragEvent) => {
      const link = target instanceof Element ? target.closest("a") : null;
      const found = link && draggedOf(link.href, location.origin);
      if (found) setTimeout(() => drag(found)); // a page that changes at once ends the drag
    };
    const end = () => drag(null);
    document.addEventListener("dragstart", start);
    document.addEventListener("dragend", end);
    return () => {
      document.removeEventListener("dragstart", start);
      document.removeEventListener("dragend", end);
    };
  }, []);
  return dragged ? (
    <Suspense>
      <DropTray dragged={dragged} dropped={() => drag(null)} />
    </Suspense>
  ) : null;
}
