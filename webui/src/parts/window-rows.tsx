import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

/**
 * Rows of one height that scroll with the page, of which only those in view are made. Calls `end` when the last ones
 * come into view.
 */
export function WindowRows({
  count,
  height,
  label,
  render,
  end,
}: {
  count: number;
  height: number;
  label: string;
  render: (index: number) => ReactNode;
  end?: () => void;
}) {
  const list = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    setMargin(Math.round(top + window.scrollY));
  }, []);
  const rows = useWindowVirtualizer({
    count,
    estimateSize: () => height,
    overscan: 4,
    scrollMargin: margin,
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes that are kept are of another height
  useLayoutEffect(() => rows.measure(), [height]);
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (count && last >= count - 5) end?.();
  }, [last, count, end]);
  return (
    <ul ref={list} aria-label={label} className="relative" style={{ height: rows.getTotalSize() }}>
      {shown.map(({ index, start, key }) => (
        <li
          key={key}
          className="absolute inset-x-0 top-0"
          style={{ height, transform: `translateY(${start - margin}px)` }}
        >
          {render(index)}
        </li>
      ))}
    </ul>
  );
}

/** How many columns of at least `least` pixels fit, and how wide one is. */
export function useColumns(least: number, gap: number) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const seen = place.current;
    if (!seen) return;
    setWidth(seen.clientWidth);
    const watcher = new ResizeObserver(() => setWidth(seen.clientWidth));
    watcher.observe(seen);
    return () => watcher.disconnect();
  }, []);
  const columns = Math.max(2, Math.floor((width + gap) / (least + gap)));
  return { place, columns, cell: Math.max(1, (width - gap * (columns - 1)) / columns), ready: width > 0 };
}
