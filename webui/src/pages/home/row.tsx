import { Link } from "@tanstack/react-router";
import type { ReactNode, RefObject } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { Begun } from "@/parts/begun";
import { Card } from "@/parts/card";
import { Shelf } from "@/parts/shelf";
import { Skeleton } from "@/parts/skeleton";

const t = texts("home", english);

export type Place = "/films" | "/series" | "/music" | "/photos" | "/channels" | "/collections" | "/files";

/** A row of the first page: nothing where it has nothing, ghosts of the same height until that is known. */
export function Row({
  title,
  to,
  place,
  known,
  empty,
  square = false,
  children,
}: {
  title: string;
  /** Where all of it is: a section, or a channel. */
  to: Place | { chat: number };
  /** Where it is on the page, for what asks for its content when it comes near. */
  place?: RefObject<HTMLDivElement | null>;
  known: boolean;
  empty: boolean;
  square?: boolean;
  children: ReactNode;
}) {
  return (
    <div ref={place} className="min-h-px">
      <Shelf title={title} more={<All to={to} name={title} />} empty={empty} square={square}>
        {known ? children : <Ghosts square={square} />}
      </Shelf>
    </div>
  );
}

/** The way to all of what a row has the newest of. */
function All({ to, name }: { to: Place | { chat: number }; name: string }) {
  const target =
    typeof to === "string" ? { to } : { to: "/channels/$chat" as const, params: { chat: String(to.chat) } };
  return (
    <Link
      {...target}
      aria-label={t.allOf(name)}
      className="inline-flex min-h-11 min-w-11 shrink-0 items-center text-muted hover:text-text"
    >
      {t.all}
    </Link>
  );
}

/** What stands in a row until its content is there, of the same height. */
export function Ghosts({ square = false }: { square?: boolean }) {
  return Array.from({ length: 6 }, (_, at) => (
    <li key={at} aria-hidden="true">
      <Skeleton className={square ? "aspect-square" : "aspect-video"} />
      <Skeleton className="mt-3 h-3.5 w-3/4 rounded-sm" />
      <Skeleton className="mt-2.5 mb-1 h-3 w-2/5 rounded-sm" />
    </li>
  ));
}

const IN_SIGHT = 3; // on a phone, with a part of the last one

/** Cards of files. `first`: whether their row is the first of the page, whose pictures are in sight at once. */
export function Cards({
  items,
  square = false,
  first = false,
}: {
  items: readonly Item[];
  square?: boolean;
  first?: boolean;
}) {
  return (
    <Begun
      items={items}
      keyOf={(item) => `${item.chat_id}/${item.message_id}`}
      render={(item, index) => (
        <Card item={item} shape={square ? "square" : "wide"} eager={first && index < IN_SIGHT} />
      )}
    />
  );
}
