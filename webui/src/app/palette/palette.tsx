import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { texts } from "@/i18n";
import { palette as english } from "@/i18n/en/palette";
import { IconButton } from "@/parts/button";
import { useModal } from "@/parts/dialog";
import * as Icon from "@/parts/icons";
import { type Entry, useOffer } from "./entries";
import { keepSearch } from "./recent";
import { Hints, Results } from "./results";
import { showPalette, typedEarly } from "./state";

const t = texts("palette", english);
const PAUSE = 120; // milliseconds without typing until the server is asked

/** The command palette: one field that finds films, music, channels, pages and actions while somebody types. */
export default function Palette() {
  const dialog = useModal();
  const close = () => showPalette(false);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the press is beside the palette; Escape does the same
    <dialog
      ref={dialog}
      data-palette=""
      aria-label={t.title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === event.currentTarget && close()}
      className="mx-auto h-dvh max-h-none w-full max-w-none flex-col overflow-hidden bg-surface p-0 text-text shadow-(--shadow) transition-opacity duration-120 backdrop:bg-black/60 open:flex md:mt-[10dvh] md:h-[min(38rem,76dvh)] md:max-w-2xl md:rounded-lg starting:opacity-0"
    >
      <Finder close={close} />
    </dialog>
  );
}

function Finder({ close }: { close: () => void }) {
  const [text, type] = useState(typedEarly);
  const [settled, settle] = useSettled(text);
  const offer = useOffer(text, settled);
  const entries = offer.groups.flatMap((group) => group.entries);
  const [chosen, choose] = useChosen(entries, text);
  const list = useId();
  const take = (entry: Entry, plays: boolean) => {
    if (text.trim() && !/^[pdlac]/.test(entry.id)) keepSearch(text);
    if (entry.search !== undefined) {
      entry.open();
      return type(entry.search);
    }
    close();
    (plays && entry.play ? entry.play : entry.open)();
  };
  const enter = useEnter(offer.pending ? undefined : entries[chosen], settle, take);
  const press = (event: KeyboardEvent) => {
    const last = entries.length - 1;
    const to: Record<string, number> = {
      ArrowDown: chosen >= last ? 0 : chosen + 1,
      ArrowUp: chosen <= 0 ? last : chosen - 1,
      PageDown: Math.min(last, chosen + 6),
      PageUp: Math.max(0, chosen - 6),
    };
    const next = to[event.key];
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") enter(event.shiftKey);
    else if (next !== undefined) choose(next);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="flex shrink-0 items-center gap-2 border-b border-line ps-4 pe-2 [&>svg]:size-5 [&>svg]:text-muted">
        <Icon.Search aria-hidden />
        <input
          type="text"
          role="combobox"
          aria-label={t.title}
          aria-expanded="true"
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={entries[chosen] ? `${list}-${chosen}` : undefined}
          dir="auto"
          maxLength={200}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck="false"
          enterKeyHint="go"
          placeholder={t.placeholder}
          value={text}
          onChange={({ target }) => type(target.value)}
          onKeyDown={press}
          className="h-14 min-w-0 flex-1 bg-transparent text-base text-text outline-none placeholder:text-faint"
        />
        <IconButton label={t.close} onClick={close}>
          <Icon.Close aria-hidden />
        </IconButton>
      </div>
      <Results id={list} offer={offer} text={text.trim()} chosen={chosen} choose={choose} take={take} />
      <Hints plays={!!entries[chosen]?.play} />
    </>
  );
}

/** The text once nobody has typed for a moment; `settle` takes it at once. */
function useSettled(text: string): [string, () => void] {
  const [settled, settle] = useState("");
  const now = text.trim();
  useEffect(() => {
    if (!now) return settle("");
    const timer = setTimeout(() => settle(now), PAUSE);
    return () => clearTimeout(timer);
  }, [now]);
  return [settled, () => settle(now)];
}

/** The chosen entry: the first one of each text, then what the arrow keys or the pointer choose. */
function useChosen(entries: readonly Entry[], text: string): [number, (at: number) => void] {
  const [{ id, of }, keep] = useState({ id: "", of: "" });
  const kept = of === text ? entries.findIndex((one) => one.id === id) : -1;
  return [Math.max(0, kept), (at) => keep({ id: entries[at]?.id ?? "", of: text })];
}

/** Enter opens what is chosen; while the server is still searching, what is chosen when it has answered. */
function useEnter(chosen: Entry | undefined, settle: () => void, take: (entry: Entry, plays: boolean) => void) {
  const waits = useRef<{ plays: boolean } | null>(null);
  useEffect(() => {
    if (!waits.current || !chosen) return;
    const { plays } = waits.current;
    waits.current = null;
    take(chosen, plays);
  });
  return (plays: boolean) => {
    if (chosen) return take(chosen, plays);
    waits.current = { plays };
    settle();
  };
}
