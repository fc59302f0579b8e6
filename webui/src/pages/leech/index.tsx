import { useNavigate } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTopics } from "@/api/live";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { manage } from "@/i18n/en/manage";
import { PageHead } from "@/parts/head";
import { Notice } from "@/parts/notice";
import { Skeleton } from "@/parts/skeleton";
import { AddLinks } from "./add";
import { Feeds } from "./feeds";
import { Queue } from "./queue";

const t = texts("leech", english);
const m = texts("manage", manage);

/** Files from links into the library: what is added, and how far each is. */
export function Leech() {
  const me = useMe();
  return (
    <>
      <PageHead title={t.title} />
      {!me ? (
        <Waiting />
      ) : !may(me, "leech") ? (
        <Notice title={t.notAllowed}>{t.notAllowedWhy}</Notice>
      ) : may(me, "leech", "leech") ? (
        <Work />
      ) : (
        <Notice title={t.notHere}>{m.noLeech}</Notice>
      )}
    </>
  );
}

function Work() {
  const navigate = useNavigate();
  const [wanted, want] = useState("");
  const found = useCallback(() => want(""), []);
  useTopics("jobs");
  return (
    <div className="edge grid max-w-[80rem] gap-5 pt-2 pb-10">
      <AddLinks
        show={({ id }) => {
          want(id);
          void navigate({ to: "/leech", search: {}, replace: true, resetScroll: false });
        }}
      />
      <Feeds />
      <Queue wanted={wanted} found={found} />
    </div>
  );
}

const Waiting = () => (
  <div className="edge grid max-w-[80rem] gap-5 pt-2" aria-hidden="true">
    <Skeleton className="h-80 rounded-lg" />
    <Skeleton className="h-24 rounded-lg" />
    <Skeleton className="h-64 rounded-lg" />
  </div>
);
