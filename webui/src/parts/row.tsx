import type { ReactNode } from "react";
import type { Item } from "@/api/client";
import { lineOf, Progress, progressOf, watchLink, workLink } from "./card";
import { Frame } from "./frame";
import { ItemLink } from "./item-link";
import { MoreButton, menuAt } from "./item-menu";
import { bytes, clock, day, titleOf } from "./words";

/** A file as one row of a list: small frame, name, and what tells files apart. The whole row is one link. */
export function Row({
  item,
  to = "watch",
  corner,
  title,
}: {
  item: Item;
  to?: "watch" | "work";
  corner?: ReactNode;
  title?: string;
}) {
  const link = to === "work" ? workLink(item) : watchLink(item);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its button opens the same menu
    <div
      className="group relative flex h-full items-center gap-4 rounded-md hover:bg-surface"
      onContextMenu={menuAt(item)}
    >
      <Frame item={item} shape="wide" width={160} className="w-20 shrink-0 rounded-sm">
        <Progress part={progressOf(item)} />
      </Frame>
      <div className="min-w-0 flex-1">
        <ItemLink
          target={link}
          className="line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
        >
          {title ?? titleOf(item)}
        </ItemLink>
        <p dir="auto" className="line-clamp-1 text-sm text-muted as-parent wrap-anywhere">
          {lineOf(item)}
        </p>
      </div>
      <Cell className="w-20 max-md:hidden">{item.duration ? clock(item.duration) : ""}</Cell>
      <Cell className="w-20 max-sm:hidden">{bytes(item.size)}</Cell>
      <Cell className="w-40 max-lg:hidden">{day(item.date)}</Cell>
      <div className="relative z-10 shrink-0">{corner ?? <MoreButton item={item} />}</div>
    </div>
  );
}

const Cell = ({ className, children }: { className: string; children: ReactNode }) => (
  <span className={`shrink-0 text-end text-sm text-muted tabular-nums ${className}`}>{children}</span>
);
