import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type CallChat, callChatsQuery, callsQuery, type Calls as Told } from "@/api/calls";
import { useTopics } from "@/api/live";
import { may, useMe } from "@/api/me";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { buttonLook } from "@/parts/button";
import { PageHead } from "@/parts/head";
import { Failure, Notice } from "@/parts/notice";
import { Skeleton } from "@/parts/skeleton";
import { CallCard } from "./call";
import { News } from "./news";
import { titlesOf } from "./words";

const t = texts("calls", english);

/** What plays in the calls of chats, live. */
export function Calls() {
  const me = useMe();
  return (
    <>
      <PageHead title={t.title} />
      {!me ? <Waiting /> : may(me, "voice") ? <Work /> : <Notice title={t.notAllowed}>{t.notAllowedWhy}</Notice>}
    </>
  );
}

function Work() {
  useTopics("voice");
  const told = useQuery(callsQuery);
  const chats = useQuery(callChatsQuery);
  const failure = failureOf(told);
  if (failure) return <Failure error={failure} again={() => told.refetch()} />;
  if (!told.data || chats.isPending) return <Waiting />;
  return <Shown told={told.data} chats={chats.data} />;
}

function Shown({ told: { calls, missing }, chats }: { told: Told; chats: readonly CallChat[] | undefined }) {
  const features = useMe()?.server.features;
  const titleOf = titlesOf(chats);
  const able = !missing && features?.includes("voice");
  return (
    <div className="edge grid max-w-[80rem] gap-5 pt-2 pb-10">
      {calls.map((call) => (
        <CallCard key={call.chat_id} call={call} title={titleOf(call.chat_id)} />
      ))}
      {!able ? (
        <Notice title={t.notHere}>{missing || t.notHereWhy}</Notice>
      ) : (
        calls.length === 0 && (
          <Notice
            title={t.empty}
            actions={
              <Link to="/" className={buttonLook("strong")}>
                {t.toLibrary}
              </Link>
            }
          >
            {t.emptyWhy}
          </Notice>
        )
      )}
      <News calls={calls} titleOf={titleOf} />
    </div>
  );
}

const Waiting = () => (
  <div className="edge grid max-w-[80rem] gap-5 pt-2" aria-busy="true">
    <Skeleton className="h-96 rounded-lg" />
  </div>
);
