// Opening and closing by the address: ?photo=CHAT_MESSAGE, so that "back" closes, and a link opens the same picture.

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { queries } from "@/api/query";
import { photoAt, photoKey } from "./place";

let opened = false; // by a press on this page: then closing is going back

export const itemKey = (chat: number, message: number) => ["catalog", "item", chat, message] as const;

/** The search that opens a picture, for links. */
export const photoSearch =
  (item: Pick<Item, "chat_id" | "message_id">) =>
  <T extends object>(before: T): T & { photo: string } => ({ ...before, photo: photoKey(item) });

/** To be called when such a link is pressed: the picture is there at once. */
export function noteOpened(item: Item): void {
  opened = true;
  queries.setQueryData(itemKey(item.chat_id, item.message_id), item);
}

/** Which picture the address names, and how to go to another one or to none. */
export function usePhotoAddress() {
  const { photo } = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (item: Item) => {
    queries.setQueryData(itemKey(item.chat_id, item.message_id), item);
    void navigate({ to: ".", search: photoSearch(item), replace: true, resetScroll: false });
  };
  const close = () => {
    if (opened) history.back();
    else
      void navigate({
        to: ".",
        search: (old: object) => ({ ...old, photo: undefined }),
        replace: true,
        resetScroll: false,
      });
    opened = false;
  };
  return { photo: photoAt(photo) ? photo : undefined, show, close };
}
