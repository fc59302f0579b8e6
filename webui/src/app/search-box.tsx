import { Link } from "@tanstack/react-router";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import * as Icon from "@/parts/icons";

const t = texts("shell", english);

/** What looks like a search field and opens the command palette. */
export function SearchBox() {
  return (
    <Link
      to="/search"
      className="flex h-11 min-w-0 flex-1 items-center gap-3 rounded-full bg-surface px-4 text-muted hover:bg-raised md:max-w-md [&_svg]:size-5"
    >
      <Icon.Search aria-hidden />
      <span className="truncate">{t.search}</span>
    </Link>
  );
}
