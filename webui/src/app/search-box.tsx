import { lazy, Suspense } from "react";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import * as Icon from "@/parts/icons";
import { showPalette, usePaletteKeys, usePaletteOpen } from "./palette/state";

const t = texts("shell", english);
const load = () => import("./palette/palette");
const Palette = lazy(load);

/** What looks like a search field and opens the command palette. */
export function SearchBox() {
  const open = usePaletteOpen();
  usePaletteKeys();
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts="/ Control+K Meta+K"
        onPointerEnter={() => void load()}
        onFocus={() => void load()}
        onClick={() => showPalette(true)}
        className="flex h-11 min-w-0 flex-1 items-center gap-3 rounded-full bg-surface ps-4 pe-3 text-muted hover:bg-raised md:max-w-md [&_svg]:size-5 [&_svg]:shrink-0"
      >
        <Icon.Search aria-hidden />
        <span className="me-auto truncate">{t.search}</span>
        <span
          aria-hidden="true"
          className="rounded-sm bg-raised px-2 font-sans text-sm max-md:hidden [@media(hover:none)]:hidden"
        >
          /
        </span>
      </button>
      {open && (
        <Suspense>
          <Palette />
        </Suspense>
      )}
    </>
  );
}
