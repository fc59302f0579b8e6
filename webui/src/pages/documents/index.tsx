import { lazy, Suspense } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { useDocAddress } from "@/parts/document/address";
import { ListPage } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { DocumentRow } from "./row";

const t = texts("documents", english);
const s = texts("shell", shellEnglish);

const Reader = lazy(() => import("@/parts/document/reader").then((found) => ({ default: found.Reader })));

const renders = { list: (item: Item) => <DocumentRow item={item} /> };
const layouts = { list: { kind: "list", row: 4.25 } } as const;

/** Everything that is neither film, music nor photo; the document in the address is read over the list. */
export function Documents() {
  const { at, close } = useDocAddress();
  return (
    <>
      <ListPage
        title={s.documents}
        fixed={{ kind: "document" }}
        groups={["chat", "year", "tag"]}
        renders={renders}
        layouts={layouts}
        empty={<Notice title={t.none}>{t.noneWhy}</Notice>}
      />
      {at && (
        <Suspense>
          <Reader chat={at.chat} message={at.message} close={close} />
        </Suspense>
      )}
    </>
  );
}
