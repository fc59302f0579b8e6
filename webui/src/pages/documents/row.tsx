import { Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { watchLink } from "@/parts/card";
import { docSearch, noteReading } from "@/parts/document/address";
import { type DocumentKind, isReadable, kindOf } from "@/parts/document/kind";
import * as Icon from "@/parts/icons";
import { MoreButton, menuAt } from "@/parts/item-menu";
import { Tile } from "@/parts/tile";
import { bytes, day, extension, heading } from "@/parts/words";

const t = texts("documents", english);

type Sign = ComponentType<{ "aria-hidden"?: boolean; className?: string; strokeWidth?: number }>;
const SIGNS: Partial<Record<DocumentKind, Sign>> = {
  archive: Icon.Archive,
  table: Icon.Sheet,
  json: Icon.Sheet,
  book: Icon.Book,
  picture: Icon.Photo,
};

/** A document in a list: pressed, it is read in the page, or its own page tells how to have it. */
export function DocumentRow({ item }: { item: Item }) {
  const kind = kindOf(item);
  const readable = isReadable(item);
  const name = "line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md";
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the menu is also behind its button
    <div
      onContextMenu={menuAt(item)}
      className="group relative flex h-full items-center gap-4 rounded-md hover:bg-surface"
    >
      <Tile item={item} sign={SIGNS[kind] ?? Icon.Document} className="aspect-video w-20 text-white" />
      <div className="min-w-0 flex-1">
        {readable ? (
          <Link
            to="."
            search={docSearch(item)}
            resetScroll={false}
            onClick={() => noteReading(item)}
            dir="auto"
            className={name}
          >
            {heading(item)}
          </Link>
        ) : (
          <Link {...watchLink(item)} dir="auto" className={name}>
            {heading(item)}
          </Link>
        )}
        <p className="truncate text-sm text-muted">
          {kind === "other" ? extension(item) : t[kind]}
          <span className="sm:hidden"> · {bytes(item.size)}</span>
        </p>
      </div>
      <span className="w-24 shrink-0 text-end text-sm text-muted tabular-nums max-sm:hidden">{bytes(item.size)}</span>
      <span className="w-40 shrink-0 text-end text-sm text-muted tabular-nums max-md:hidden">{day(item.date)}</span>
      <MoreButton item={item} className="z-10 shrink-0" />
    </div>
  );
}
