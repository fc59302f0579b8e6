// Reading by the address: ?doc=CHAT_MESSAGE, so that "back" closes the document.

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { queries } from "@/api/query";
import { itemKey } from "../lightbox/open";
import { photoAt, photoKey } from "../lightbox/place";

let opened = false; // by a press on this page: then closing is going back

/** The search that opens a document, for links. */
export const docSearch =
  (item: Pick<Item, "chat_id" | "message_id">) =>
  <T extends object>(before: T): T & { doc: string } => ({ ...before, doc: photoKey(item) });

export function noteReading(item: Item): void {
  opened = true;
  queries.setQueryData(itemKey(item.chat_id, item.message_id), item);
}

export function useDocAddress() {
  const { doc } = useSearch({ strict: false });
  const navigate = useNavigate();
  const close = () => {
    if (opened) history.back();
    else void navigate({ to: ".", search: (old) => ({ ...old, doc: undefined }), replace: true, resetScroll: false });
    opened = false;
  };
  return { at: photoAt(doc), close };
}
