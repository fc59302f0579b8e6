import { type ComponentProps, lazy, type MouseEvent, Suspense } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { IconButton } from "./button";
import * as Icon from "./icons";
import { ask, type Extra, useAsked } from "./item-menu/store";
import { titleOf } from "./words";

const t = texts("shell", english);

export { ask as openItemDialog } from "./item-menu/store";
export type { Extra };

/** For `onContextMenu` of whatever shows an item: opens its menu where it was pressed. */
export const menuAt = (item: Item, extra?: readonly Extra[]) => (event: MouseEvent) => {
  if (event.shiftKey) return; // the browser's own menu stays within reach
  event.preventDefault();
  const pressed = event.clientX || event.clientY; // by the menu key: beside what has the focus
  const at = pressed || !(event.target instanceof HTMLElement) ? { x: event.clientX, y: event.clientY } : event.target;
  ask({ what: "menu", item, at, extra });
};

/** How the button looks on a picture: there while the pointer or the focus is, always where nothing hovers. */
export const CORNER_BUTTON =
  "isolate relative text-white! before:absolute before:inset-1.5 before:-z-10 before:rounded-full before:bg-black/60 hover:bg-transparent! hover:before:bg-black/80 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 aria-expanded:opacity-100 [@media(hover:none)]:opacity-100";

/** The button that opens the menu of an item. */
export function MoreButton({
  item,
  extra,
  ...rest
}: { item: Item; extra?: readonly Extra[] } & Omit<ComponentProps<"button">, "children">) {
  const asked = useAsked();
  const open = asked?.what === "menu" && asked.item.file_unique_id === item.file_unique_id;
  return (
    <IconButton
      label={t.moreOf(titleOf(item))}
      aria-haspopup="menu"
      aria-expanded={open}
      onClick={(event) => ask(open ? null : { what: "menu", item, at: event.currentTarget, extra })}
      {...rest}
    >
      <Icon.More aria-hidden />
    </IconButton>
  );
}

const Opened = lazy(() => import("./item-menu/opened"));

/** Where the menu and dialogs of items appear: once, beside the page. Loaded when the first one is opened. */
export function ItemMenus() {
  const asked = useAsked();
  return asked ? (
    <Suspense>
      <Opened asked={asked} />
    </Suspense>
  ) : null;
}
