import { type ReactNode, useEffect, useRef } from "react";
import { texts } from "@/i18n";
import { palette as english } from "@/i18n/en/palette";
import { Frame } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { Skeleton } from "@/parts/skeleton";
import { type Entry, type Group, markOf, type Offer } from "./entries";

const t = texts("palette", english);

type Choosing = { chosen: number; choose: (at: number) => void; take: (entry: Entry, plays: boolean) => void };

/** What was found, in groups; one entry is chosen. */
export function Results({ id, offer, text, ...choosing }: { id: string; offer: Offer; text: string } & Choosing) {
  const total = offer.groups.reduce((sum, group) => sum + (group.id === "all" ? 0 : group.entries.length), 0);
  const starts = offer.groups.map((_, at) =>
    offer.groups.slice(0, at).reduce((sum, group) => sum + group.entries.length, 0),
  );
  const nothing = text !== "" && !offer.pending && !offer.failed && total === 0;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {offer.corrected && <Note>{t.corrected(offer.corrected)}</Note>}
      {offer.failed && <Note>{t.failed}</Note>}
      {nothing && (
        <Note>
          {t.none(text)} {t.noneHint}
        </Note>
      )}
      {offer.pending && <Waiting />}
      <div
        id={id}
        role="listbox"
        aria-label={t.title}
        aria-busy={offer.pending}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-2"
      >
        {offer.groups.map((group, at) => (
          <Section key={group.id} id={id} group={group} from={starts[at] ?? 0} {...choosing} />
        ))}
      </div>
      <p role="status" className="sr-only">
        {offer.pending ? t.searching : text && t.found(total)}
      </p>
    </div>
  );
}

const Note = ({ children }: { children: ReactNode }) => (
  <p dir="auto" className="shrink-0 px-5 pt-3 text-muted wrap-anywhere">
    {children}
  </p>
);

function Waiting() {
  return [0, 1, 2].map((row) => (
    <div key={row} className="flex h-14 shrink-0 items-center gap-3 px-5">
      <Skeleton className="h-9 w-16 shrink-0" />
      <Skeleton className="h-4 w-2/5" />
    </div>
  ));
}

function Section({ id, group, from, ...choosing }: { id: string; group: Group; from: number } & Choosing) {
  const entries = group.entries.map((entry, at) => (
    <Option key={entry.id} id={`${id}-${from + at}`} entry={entry} at={from + at} {...choosing} />
  ));
  if (!group.title) return entries;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
    <div role="group" aria-label={group.title}>
      <p aria-hidden="true" className="px-3 pt-3 pb-1 text-sm font-medium text-muted">
        {group.title}
      </p>
      {entries}
    </div>
  );
}

function Option({ id, entry, at, chosen, choose, take }: { id: string; entry: Entry; at: number } & Choosing) {
  const row = useRef<HTMLDivElement>(null);
  const on = at === chosen;
  useEffect(() => {
    if (on) row.current?.scrollIntoView({ block: "nearest" });
  }, [on]);
  const Sign = entry.icon;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and the keys
    // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the field points here
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={on}
      onPointerMove={() => on || choose(at)}
      onClick={(event) => take(entry, event.shiftKey)}
      className={`flex min-h-14 cursor-pointer scroll-my-2 items-center gap-3 rounded-md px-3 [&>svg]:size-5 [&>svg]:shrink-0 [&>svg]:text-muted ${on ? "bg-hover" : ""}`}
    >
      {entry.picture && (
        <Frame
          item={entry.picture}
          shape="wide"
          width={160}
          mark={markOf(entry.picture)}
          className="w-16 shrink-0 rounded-sm"
        />
      )}
      {Sign && (
        <span className="grid w-16 shrink-0 place-items-center text-muted [&_svg]:size-5">
          <Sign aria-hidden />
        </span>
      )}
      <span className="min-w-0 flex-1 py-1">
        <span className="line-clamp-1 font-medium wrap-anywhere">
          <bdi>{entry.name}</bdi>
        </span>
        {entry.line && (
          <span className="line-clamp-1 text-sm text-muted wrap-anywhere">
            <bdi>{entry.line}</bdi>
          </span>
        )}
      </span>
      {on && <Icon.Enter aria-hidden className="max-md:hidden rtl:-scale-x-100" />}
    </div>
  );
}

/** The keys, for those who have some. */
export function Hints({ plays }: { plays: boolean }) {
  return (
    <p
      aria-hidden="true"
      className="flex shrink-0 gap-5 border-t border-line px-4 py-2 text-sm text-muted max-md:hidden [@media(hover:none)]:hidden"
    >
      <span>
        <Key>↑</Key> <Key>↓</Key> {t.hintMove}
      </span>
      <span>
        <Key>Enter</Key> {t.hintOpen}
      </span>
      {plays && (
        <span>
          <Key>{t.shift}</Key> <Key>Enter</Key> {t.hintPlay}
        </span>
      )}
    </p>
  );
}

const Key = ({ children }: { children: ReactNode }) => (
  <kbd className="rounded-sm bg-raised px-1.5 font-sans">{children}</kbd>
);
