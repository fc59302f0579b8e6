import { Link } from "@tanstack/react-router";
import type { Item } from "@/api/client";
import { downloadOf } from "@/api/media";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { buttonLook, IconButton } from "../button";
import { watchLink } from "../card";
import { DocumentView } from "../document-view";
import * as Icon from "../icons";
import { useItem } from "../lightbox/strip";
import { Failure } from "../notice";
import { Screen } from "../screen";
import { bytes, day, heading } from "../words";
import { kindOf } from "./kind";

const t = texts("documents", english);

/** A document over the whole page. */
export function Reader({ chat, message, close }: { chat: number; message: number; close: () => void }) {
  const item = useItem(chat, message);
  const failure = failureOf(item);
  return (
    <Screen label={t.reader(item.data ? heading(item.data) : "")} close={close} className="bg-page">
      <div className="flex h-full flex-col">
        <Head item={item.data} close={close} />
        <section
          aria-label={t.text}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
          tabIndex={0}
          className="edge min-h-0 flex-1 overflow-y-auto overscroll-contain pt-2 pb-[max(2rem,env(safe-area-inset-bottom))]"
        >
          {failure && <Failure error={failure} again={() => item.refetch()} />}
          {item.data && <DocumentView item={item.data} />}
        </section>
      </div>
    </Screen>
  );
}

function Head({ item, close }: { item: Item | undefined; close: () => void }) {
  return (
    <header className="edge flex min-h-16 items-center gap-3 bg-surface py-2">
      <IconButton label={t.close} onClick={close} className="-ms-2">
        <Icon.Close aria-hidden />
      </IconButton>
      <div className="me-auto min-w-0">
        <h1 dir="auto" className="truncate font-sans text-base as-parent">
          {item ? heading(item) : ""}
        </h1>
        <p className="truncate text-sm text-muted">
          {item && [t[kindOf(item)], bytes(item.size), day(item.date)].join(" · ")}
        </p>
      </div>
      {item && (
        <>
          <Link {...watchLink(item)} className={buttonLook("ghost", "max-md:hidden")}>
            <Icon.Info aria-hidden />
            {t.details}
          </Link>
          <a
            href={downloadOf(item)}
            download={item.name}
            aria-label={t.download}
            title={t.download}
            className={buttonLook("plain", "max-md:w-11 max-md:px-0")}
          >
            <Icon.Download aria-hidden />
            <span className="max-md:sr-only">{t.download}</span>
          </a>
        </>
      )}
    </header>
  );
}
