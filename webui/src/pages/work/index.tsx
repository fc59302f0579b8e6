import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Version, WorkTree } from "@/api/client";
import { failureOf, Problem } from "@/api/problem";
import { filesOf, readQuery, useWork } from "@/api/works";
import { texts } from "@/i18n";
import { shell } from "@/i18n/en/shell";
import { work as english } from "@/i18n/en/work";
import { buttonLook } from "@/parts/button";
import { useTitle } from "@/parts/head";
import { type Cut, nextToPlay, unitsOf } from "@/parts/next-to-play";
import { Failure, Notice } from "@/parts/notice";
import { Files } from "./files";
import { Hero } from "./hero";
import { Parts } from "./parts";
import { Related } from "./related";
import { Seasons } from "./seasons";
import { Waiting } from "./waiting";

const t = texts("work", english);
const common = texts("shell", shell);
const route = getRouteApi("/work/$key");

/** A film with its versions, or a series with its episodes. */
export function Work() {
  const { key } = route.useParams();
  const found = useWork(key);
  const { data, refetch } = found;
  const error = failureOf(found);
  useTitle(data?.title ?? "");
  if (data) return <Shown key={key} work={data} />;
  if (error instanceof Problem && error.status === 404) return <Gone />;
  if (error) return <Failure level="h1" error={error} again={() => void refetch()} />;
  return <Waiting />;
}

function Shown({ work }: { work: WorkTree }) {
  const [chosen, choose] = useState<string | null>(null);
  const next = nextToPlay(work);
  const unit = next?.unit;
  const reading = useQuery(readQuery(work.key, unit?.cuts.flatMap((cut) => cut.parts) ?? [])).isFetching;
  if (!next || !unit) return <Gone />;
  const cut = unit.cuts.find((one) => idOf(one) === chosen) ?? next.cut;
  return (
    <article className="max-md:pb-20">
      <Hero work={work} next={next} cut={cut} reading={reading} choose={(one) => choose(idOf(one))} />
      {work.series ? <Seasons units={unitsOf(work)} next={next} /> : <Parts cut={cut} />}
      <Files work={work} files={filesOf(work)} reading={reading} />
      <Related work={work} of={next.file} />
    </article>
  );
}

const idOf = (cut: Cut<Version>) => cut.parts[0].file_unique_id;

function Gone() {
  return (
    <Notice
      title={t.gone}
      actions={
        <Link to="/" className={buttonLook("strong")}>
          {common.toHome}
        </Link>
      }
    >
      {t.goneHint}
    </Notice>
  );
}
