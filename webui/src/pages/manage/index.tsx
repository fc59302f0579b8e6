import { Link, useParams } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { useMe } from "@/api/me";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { NotFound } from "@/pages/not-found";
import { PageHead } from "@/parts/head";
import { Notice } from "@/parts/notice";
import { openSections, SECTIONS, type Section } from "./sections";
import { Waiting } from "./waiting";

const t = texts("manage", english);

/** What owners see and do. One section at a time, by its address. */
export function Manage() {
  const me = useMe();
  const { section = "" } = useParams({ strict: false });
  if (!me) return <Waiting />;
  const open = openSections(me);
  const known = SECTIONS.some((one) => one.path === section);
  if (!open.length) return <NotAllowed />;
  const shown = open.find((one) => one.path === section) ?? (section ? undefined : open[0]);
  if (!shown) return known ? <NotAllowed /> : <NotFound />;
  return (
    <div key={shown.path}>
      <PageHead title={shown.path ? shown.title : t.title} />
      <SectionLinks sections={open} shown={shown} />
      <div className="edge grid max-w-[112rem] gap-5 py-5">
        <Suspense fallback={<Waiting />}>{shown.page && <shown.page />}</Suspense>
      </div>
    </div>
  );
}

function SectionLinks({ sections, shown }: { sections: readonly Section[]; shown: Section }) {
  const current = useRef<HTMLLIElement>(null);
  // the router may still have the link of the section before as the current one
  useEffect(() => {
    // newer browsers return a promise
    void current.current?.scrollIntoView({ inline: "center", block: "nearest", behavior: "instant" });
  }, []);
  return (
    <nav aria-label={t.sections} className="edge overflow-x-auto [scrollbar-width:none]">
      <ul className="flex gap-2 p-1">
        {sections.map(({ path, title, icon: Sign }) => (
          <li key={path} ref={path === shown.path ? current : undefined}>
            <Link
              to={path ? "/manage/$section" : "/manage"}
              params={path ? { section: path } : {}}
              activeOptions={{ exact: true, includeSearch: false }}
              className="flex min-h-11 items-center gap-2 rounded-full px-4 whitespace-nowrap text-muted hover:bg-raised hover:text-text data-[status=active]:bg-raised data-[status=active]:text-text [&_svg]:size-5"
            >
              <Sign aria-hidden />
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NotAllowed() {
  return (
    <>
      <PageHead title={t.title} />
      <Notice title={t.notAllowed}>{t.notAllowedWhy}</Notice>
    </>
  );
}
