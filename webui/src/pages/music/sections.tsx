import { Link } from "@tanstack/react-router";
import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { TAB_LOOK, TABS } from "@/parts/tab-look";
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
    <nav aria-label={t.views} className={TABS}>
      {SECTIONS.map(({ section, name }) => (
        <Link
          key={name}
          to="/music"
          search={{ section }}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={section === shown ? "page" : undefined}
          className={TAB_LOOK}
        >
          {t[name]}
        </Link>
      ))}
    </nav>
  );
}
