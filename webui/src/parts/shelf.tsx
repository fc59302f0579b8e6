import type { ReactNode } from "react";

/** A row of cards that scrolls sideways, with its heading; nothing where it has none. */
export function Shelf({
  title,
  more,
  children,
  empty = false,
}: {
  title: string;
  more?: ReactNode;
  children: ReactNode;
  empty?: boolean;
}) {
  if (empty) return null;
  return (
    <section aria-label={title} className="py-3">
      <div className="edge flex items-baseline gap-4 pb-2">
        <h2 className="text-xl">{title}</h2>
        {more}
      </div>
      <ul className="edge flex snap-x gap-4 overflow-x-auto scroll-px-(--edge) pb-2 [scrollbar-width:thin] *:w-56 *:shrink-0 *:snap-start max-sm:*:w-40">
        {children}
      </ul>
    </section>
  );
}
