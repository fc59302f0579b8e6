import { Skeleton } from "@/parts/skeleton";

/** In place of a section that is on its way. */
export const Waiting = () => (
  <div className="grid gap-5" aria-hidden="true">
    <Skeleton className="h-28 rounded-lg" />
    <Skeleton className="h-64 rounded-lg" />
  </div>
);
