import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import * as Icon from "./icons";
import { type Box, placeOf } from "./menu-place";
import { legible } from "./words";

type Anchor = HTMLElement | { x: number; y: number };

const ENTRIES = "[role^=menuitem]";
const ENTRY =
  "flex min-h-11 w-full items-center gap-3 rounded-sm px-3 py-2 text-start hover:bg-surface focus:bg-surface focus-visible:outline-offset-[-2px] [&_svg]:size-5 [&_svg]:shrink-0 [&_svg]:text-muted";

/**
 * A menu beside its button or where it was pressed; on phones a sheet at the bottom, under `title`. Arrow keys, Home,
 * End and first letters move in it; Escape, Tab and a press beside it close it.
 */
export function Menu({
  anchor,
  label,
  title,
  close,
  children,
}: {
  anchor: Anchor;
  label: string;
  title: string;
  close: () => void;
  children: ReactNode;
}) {
  const menu = useRef<HTMLDivElement>(null);
  const place = usePlace(menu, anchor);
  useOutside(menu, anchor, close);
  return (
    <section aria-label={label} className="contents">
      <div aria-hidden="true" className="fixed inset-0 z-40 bg-black/60 md:hidden" />
      <div
        ref={menu}
        style={place}
        className="fixed z-40 max-h-[80dvh] overflow-y-auto overscroll-contain bg-hover p-1.5 text-text shadow-(--shadow) max-md:inset-x-0! max-md:top-auto! max-md:bottom-0 max-md:rounded-t-lg max-md:pb-[max(0.5rem,env(safe-area-inset-bottom))] md:max-w-80 md:min-w-60 md:rounded-md"
      >
        <p aria-hidden="true" dir="auto" className="line-clamp-2 px-3 pt-2 pb-1 font-medium wrap-anywhere md:hidden">
          {legible(title)}
        </p>
        <div role="menu" aria-label={label} tabIndex={-1} onKeyDown={(event) => move(event, close)}>
          {children}
        </div>
      </div>
    </section>
  );
}

/** One entry. `stays`: the menu is not closed by it. */
export function MenuEntry({ icon, children, run, danger = false }: EntryProps & { run: () => void; danger?: boolean }) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={run}
      className={`${ENTRY} ${danger ? "text-danger" : ""}`}
    >
      {icon}
      {children}
    </button>
  );
}

/** One of several entries of which one is chosen. */
export function MenuChoice({ chosen, run, children }: { chosen: boolean; run: () => void; children: ReactNode }) {
  return (
    <button type="button" role="menuitemradio" aria-checked={chosen} tabIndex={-1} onClick={run} className={ENTRY}>
      <span className={chosen ? "text-accent [&_svg]:text-accent!" : "invisible"}>
        <Icon.Check aria-hidden />
      </span>
      {children}
    </button>
  );
}

/** An entry that is a link out of the page: to a player, or a download. */
export function MenuLink({
  icon,
  children,
  href,
  run,
  download,
}: EntryProps & { href: string; run: () => void; download?: boolean }) {
  return (
    <a role="menuitem" tabIndex={-1} href={href} download={download} onClick={run} className={ENTRY}>
      {icon}
      {children}
    </a>
  );
}
type EntryProps = { icon: ReactNode; children: ReactNode };

export const MenuLine = () => <hr className="mx-3 my-1.5 border-line" />;

function usePlace(menu: { current: HTMLElement | null }, anchor: Anchor) {
  const [place, put] = useState<{ left: number; top: number }>();
  useLayoutEffect(() => {
    const box = menu.current?.getBoundingClientRect();
    if (!box) return;
    const at: Box =
      anchor instanceof HTMLElement
        ? anchor.getBoundingClientRect()
        : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
    const view = { width: document.documentElement.clientWidth, height: window.innerHeight };
    put(placeOf(at, box, view, document.documentElement.dir === "rtl"));
  }, [anchor, menu]);
  useEffect(() => {
    const entries = entriesOf(menu.current);
    const first = entries.find((one) => one.ariaChecked === "true") ?? entries[0];
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "nearest" });
  }, [menu]);
  return place;
}

function useOutside(menu: { current: HTMLElement | null }, anchor: Anchor, close: () => void): void {
  useEffect(() => {
    const press = ({ target }: PointerEvent) => {
      const within = [menu.current, anchor].some(
        (one) => one instanceof Node && target instanceof Node && one.contains(target),
      );
      if (!within) close();
    };
    document.addEventListener("pointerdown", press, true);
    window.addEventListener("resize", close);
    return () => {
      document.removeEventListener("pointerdown", press, true);
      window.removeEventListener("resize", close);
    };
  }, [menu, anchor, close]);
}

const entriesOf = (menu: Element | null) => [...(menu?.querySelectorAll<HTMLElement>(ENTRIES) ?? [])];

function move(event: KeyboardEvent<HTMLElement>, close: () => void): void {
  const entries = entriesOf(event.currentTarget);
  const focused = document.activeElement;
  const now = focused instanceof HTMLElement ? entries.indexOf(focused) : -1;
  const letter = event.key.length === 1 ? event.key.toLocaleLowerCase() : "";
  const starts = (one: HTMLElement) => one.textContent?.trim().toLocaleLowerCase().startsWith(letter);
  const places: Record<string, number> = {
    ArrowDown: (now + 1) % entries.length,
    ArrowUp: now - 1,
    Home: 0,
    End: -1,
  };
  const to = places[event.key];
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (to !== undefined) entries.at(to)?.focus();
  else if (letter && letter !== " ") [...entries.slice(now + 1), ...entries.slice(0, now + 1)].find(starts)?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
