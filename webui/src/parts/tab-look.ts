/** How the parts of a page look that are links to addresses of their own. */
export const TABS = "edge flex gap-2 overflow-x-auto pb-3 [scrollbar-width:none]";
export const TAB_LOOK =
  "inline-flex min-h-11 shrink-0 items-center rounded-full bg-raised px-4 font-medium text-muted hover:text-text aria-[current=page]:bg-accent aria-[current=page]:text-accent-ink";
