import type { ReactNode } from "react";
import { Skeleton } from "./skeleton";

const LOOK =
  "grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] gap-x-4 gap-y-5 sm:grid-cols-[repeat(auto-fill,minmax(200px,1fr))]";

/** A list of some hundred cards at most, all of them made at once. */
export function PlainGrid({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className={`edge pt-3 pb-10 ${LOOK}`}>
      {children}
    </ul>
  );
}

/** What stands in its place until it is known. */
export function PlainGhosts() {
  return (
    <div aria-busy="true" className={`edge pt-3 pb-10 ${LOOK}`}>
      {Array.from({ length: 15 }, (_, at) => (
        <div key={at}>
          <Skeleton className="aspect-video" />
          <Skeleton className="mt-3 h-3.5 w-3/4 rounded-sm" />
          <Skeleton className="mt-2.5 mb-1 h-3 w-2/5 rounded-sm" />
        </div>
      ))}
    </div>
  );
}
