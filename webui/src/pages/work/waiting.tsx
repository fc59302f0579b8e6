import { Skeleton } from "@/parts/skeleton";

/** The page before the server has answered, in its geometry. */
export function Waiting() {
  return (
    <div aria-busy="true">
      <div className="edge grid gap-x-8 gap-y-5 py-6 md:grid-cols-[20rem_1fr] md:items-end md:py-10">
        <Skeleton className="aspect-video w-full max-w-80 rounded-lg" />
        <div className="grid gap-4">
          <Skeleton className="h-12 w-3/5" />
          <Skeleton className="h-5 w-2/5" />
          <Skeleton className="h-12 w-48 rounded-full" />
        </div>
      </div>
      <div className="edge grid gap-3 py-4">
        {[0, 1, 2].map((row) => (
          <Skeleton key={row} className="h-24 w-full" />
        ))}
      </div>
    </div>
  );
}
