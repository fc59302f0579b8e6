import { Link } from "@tanstack/react-router";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import type { Section } from "./address";

const t = texts("music", english);

const SECTIONS: readonly { section?: Section; name: "albums" | "artists" | "songs" | "voice" }[] = [
  { name: "albums" },
  { section: "artists", name: "artists" },
  { section: "songs", name: "songs" },
  { section: "voice", name: "voice" },
];

/** The parts of the music page, as links: each has its own address. */
export function Sections({ shown }: { shown: Section | undefined }) {
  return (
    <nav aria-label={t.views} className="edge flex gap-2 overflow-x-auto pb-3 [scrollbar-width:none]">
      {SECTIONS.map(({ section, name }) => (
        <Link
          key={name}
          to="/music"
          search={{ section }}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={section === shown ? "page" : undefined}
          className="inline-flex min-h-11 shrink-0 items-center rounded-full bg-surface px-4 font-medium text-muted hover:bg-raised aria-[current=page]:bg-accent aria-[current=page]:text-accent-ink"
        >
          {t[name]}
        </Link>
      ))}
    </nav>
  );
}
