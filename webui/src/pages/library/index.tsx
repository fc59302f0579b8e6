import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { type Facets, facetsQuery } from "@/api/catalog";
import { may, useMe } from "@/api/me";
import { histogramQuery } from "@/api/windows";
import { count, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

type Section = {
  to: string;
  name: string;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
  files?: number;
  least?: boolean;
};

/** All sections, for phones, whose bar has room for four. */
export function Library() {
  const { data } = useQuery(facetsQuery({}));
  const films = useQuery(histogramQuery({ kind: "video", of: "films" })).data?.total;
  const me = useMe();
  const manages = may(me, "people") || may(me, "index");
  return (
    <>
      <PageHead title={s.library} />
      <div className="edge grid gap-6 pb-10 lg:grid-cols-2">
        <Sections title={t.sections} sections={sectionsOf(data, films)} />
        <Sections
          title={t.yours}
          sections={[
            { to: "/collections", name: s.collections, icon: Icon.Collect },
            { to: "/favourites", name: s.favourites, icon: Icon.Favourite },
            { to: "/history", name: s.history, icon: Icon.History },
            { to: "/hidden", name: s.hidden, icon: Icon.Hide },
            { to: "/settings", name: s.settings, icon: Icon.Settings },
            ...(may(me, "leech", "leech") ? [{ to: "/leech", name: s.leech, icon: Icon.Download }] : []),
            ...(may(me, "voice") ? [{ to: "/calls", name: s.calls, icon: Icon.Voice }] : []),
            ...(manages ? [{ to: "/manage", name: s.manage, icon: Icon.Manage }] : []),
          ]}
        />
      </div>
    </>
  );
}

function sectionsOf(facets: Facets | undefined, films: number | undefined): Section[] {
  const of = (kind: string) => facets && (facets.kinds.find(({ value }) => value === kind)?.count ?? 0);
  const least = facets?.exact === false;
  return [
    { to: "/films", name: s.films, icon: Icon.Film, files: films },
    { to: "/series", name: s.series, icon: Icon.Series },
    { to: "/music", name: s.music, icon: Icon.Music, files: of("audio"), least },
    { to: "/photos", name: s.photos, icon: Icon.Photo, files: of("photo"), least },
    { to: "/documents", name: s.documents, icon: Icon.Document, files: of("document"), least },
    { to: "/files", name: s.files, icon: Icon.Files, files: facets?.total, least },
    { to: "/channels", name: s.channels, icon: Icon.Channel, files: facets?.chats.length },
  ];
}

function Sections({ title, sections }: { title: string; sections: readonly Section[] }) {
  return (
    <section aria-label={title}>
      <h2 className="pb-2 text-lg">{title}</h2>
      <ul className="overflow-hidden rounded-lg bg-surface">
        {sections.map(({ to, name, icon: Sign, files, least }) => (
          <li key={to}>
            <Link
              to={to}
              className="flex min-h-14 items-center gap-4 px-4 text-base -outline-offset-2 hover:bg-raised [&_svg]:size-5"
            >
              <Sign aria-hidden />
              <span className="flex-1">{name}</span>
              <span className="text-md text-muted tabular-nums">
                {files ? `${count(files)}${least ? "+" : ""}` : ""}
              </span>
              <span className="text-muted rtl:-scale-x-100">
                <Icon.ChevronRight aria-hidden />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
