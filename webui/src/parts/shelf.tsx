import { type ReactNode, useEffect, useRef, useState } from "react";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { IconButton } from "./button";
import * as Icon from "./icons";

const t = texts("browse", english);

/** A row of cards that scrolls sideways, with its heading; nothing where it has none. */
export function Shelf({
  title,
  more,
  children,
  empty = false,
  square = false,
}: {
  title: string;
  more?: ReactNode;
  children: ReactNode;
  empty?: boolean;
  /** For covers and photos, which are smaller than frames of films. */
  square?: boolean;
}) {
  const row = useRef<HTMLUListElement>(null);
  if (empty) return null;
  const size = square ? "*:w-40 max-sm:*:w-32" : "*:w-60 max-sm:*:w-40";
  return (
    <section aria-label={title} className="py-3">
      <div className="edge flex min-h-11 items-center gap-4 pb-1">
        <h2 dir="auto" className="line-clamp-1 min-w-0 text-xl wrap-anywhere">
          {title}
        </h2>
        {more}
        <Arrows row={row} />
      </div>
      <ul
        ref={row}
        className={`edge flex snap-x gap-4 overflow-x-auto scroll-px-(--edge) pt-1 pb-2 [scrollbar-width:none] *:shrink-0 *:snap-start ${size}`}
      >
        {children}
      </ul>
    </section>
  );
}

/** For who has neither a touch screen nor a wheel that goes sideways; only where there is more than fits. */
function Arrows({ row }: { row: { current: HTMLUListElement | null } }) {
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const list = row.current;
    if (!list) return;
    const measure = () => setWide(list.scrollWidth > list.clientWidth + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(list);
    if (list.lastElementChild) observer.observe(list.lastElementChild);
    return () => observer.disconnect();
  }, [row]);
  const go = (pages: number) => {
    const list = row.current;
    if (!list) return;
    const forth = getComputedStyle(list).direction === "rtl" ? -1 : 1;
    list.scrollBy({ left: forth * pages * 0.8 * list.clientWidth, behavior: "smooth" });
  };
  if (!wide) return null;
  return (
    <span className="ms-auto flex shrink-0 max-md:hidden [&_svg]:rtl:-scale-x-100">
      <IconButton label={t.back} onClick={() => go(-1)}>
        <Icon.ChevronLeft aria-hidden />
      </IconButton>
      <IconButton label={t.forth} onClick={() => go(1)}>
        <Icon.ChevronRight aria-hidden />
      </IconButton>
    </span>
  );
}
