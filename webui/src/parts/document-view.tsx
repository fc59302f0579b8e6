import { useState } from "react";
import { streamOf } from "@/api/media";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { Instead, type Shown } from "./document/instead";
import { kindOf } from "./document/kind";
import { Pdf } from "./document/pdf";
import { TextView } from "./document/text";
import { heading } from "./words";

const t = texts("documents", english);

/** What a document holds, in the page: PDF, texts, tables and pictures; for all else the way to have it. */
export function DocumentView({ item }: { item: Shown }) {
  const kind = kindOf(item);
  if (kind === "pdf") return <Pdf item={item} />;
  if (kind === "picture") return <Picture item={item} />;
  if (kind === "archive" || kind === "book" || kind === "office" || kind === "other") return <Instead item={item} />;
  return <TextView item={item} kind={kind} />;
}

function Picture({ item }: { item: Shown }) {
  const [failed, fail] = useState(false);
  if (failed) return <Instead item={item} why={t.notShown} />;
  return (
    <img
      src={streamOf(item)}
      alt={heading(item)}
      onError={() => fail(true)}
      className="mx-auto max-h-[82dvh] max-w-full rounded-md object-contain"
    />
  );
}
