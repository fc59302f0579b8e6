import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { Button } from "../button";
import { Failure } from "../notice";
import { Skeleton } from "../skeleton";
import { bytes, heading } from "../words";
import { Formatted } from "./formatted";
import { Instead, type Shown } from "./instead";
import type { DocumentKind } from "./kind";
import { Table } from "./table";
import { MOST, useText } from "./use-text";

const t = texts("documents", english);

/** A text, a table or what else is made of characters; its beginning first, more on demand. */
export function TextView({ item, kind }: { item: Shown; kind: DocumentKind }) {
  const read = useText(item);
  if (read.error && !read.end) return <Failure error={read.error} again={read.again} />;
  if (read.pending) return <TextSkeleton />;
  if (read.binary) return <Instead item={item} why={t.binary} />;
  if (!read.text.trim()) return <p className="p-6 text-center text-muted">{t.empty}</p>;
  return (
    <div className="grid gap-4">
      <Body item={item} kind={kind} text={read.text} whole={read.whole} />
      {!read.whole && (
        <div className="flex flex-wrap items-center justify-center gap-3 text-muted">
          <p>{read.end >= MOST ? t.most : t.part(bytes(read.end), bytes(item.size))}</p>
          {read.more && (
            <Button onClick={read.more} disabled={read.loading}>
              {t.showMore}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Body({ item, kind, text, whole }: { item: Shown; kind: DocumentKind; text: string; whole: boolean }) {
  if (kind === "table") return <Table text={text} whole={whole} name={item.name} />;
  if (kind === "markdown") return <Formatted text={text} />;
  const shown = kind === "json" && whole ? indented(text) : text;
  const code = kind === "json" || kind === "subtitles";
  return (
    <section aria-label={t.textOf(heading(item))} className="min-w-0">
      <pre
        dir={kind === "json" ? "ltr" : "auto"}
        className={`whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext] ${code ? "font-mono text-md" : "mx-auto max-w-3xl font-sans text-base leading-relaxed"}`}
      >
        {shown}
      </pre>
    </section>
  );
}

/** JSON with its structure to be seen; as it is where it is none. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function TextSkeleton() {
  return (
    <div role="status" aria-label={t.loading} className="mx-auto grid w-full max-w-3xl gap-3">
      {Array.from({ length: 12 }, (_, at) => (
        <Skeleton key={at} className={`h-5 ${at % 4 === 3 ? "w-1/2" : "w-full"}`} />
      ))}
    </div>
  );
}
