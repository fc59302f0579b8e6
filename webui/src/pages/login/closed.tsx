import { useQuery } from "@tanstack/react-query";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { useCallback } from "react";
import { readyQuery, type Waiting } from "@/api/ready";
import type { Standing } from "@/app/standing";
import { texts } from "@/i18n";
import { login as english } from "@/i18n/en/login";
import { Button } from "@/parts/button";
import { Countdown } from "@/parts/countdown";
import { PageHead } from "@/parts/head";
import { clock, duration } from "@/parts/words";
import { LanguageChoice } from "./language";
import { LoginPanel } from "./panel";

const t = texts("login", english);

type Shut = Exclude<Standing, { is: "open" }>;

/** The whole page while no page of the library can be shown: the mark, what is the matter, and what can be done. */
export default function Closed(props: { standing: Shut; since: number; again: () => void; words: string }) {
  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr_auto]">
      <header className="edge mx-auto flex w-full max-w-4xl items-center gap-3 pt-6 font-serif text-xl">
        <img src="/icon.svg" alt="" width={34} height={34} className="rounded-md" />
        StreamVault
      </header>
      <main id="main" tabIndex={-1}>
        <Inside {...props} />
      </main>
      <footer className="edge mx-auto w-full max-w-4xl pb-6">
        <LanguageChoice />
      </footer>
    </div>
  );
}

function Inside({ standing, since, again, words }: Parameters<typeof Closed>[0]) {
  const router = useRouter();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const entered = useCallback(() => {
    if (path === "/login") void router.navigate({ to: "/", replace: true });
  }, [path, router]);
  if (standing.is === "login") return <LoginPanel entered={entered} />;
  if (standing.is === "link") return <OldLink path={path} />;
  if (standing.is === "starting") return <Starting until={since + standing.again * 1000} again={again} words={words} />;
  return (
    <Said
      title={standing.is === "away" ? t.away : t.tooMany}
      words={standing.is === "away" ? t.awayWhy : t.tooManyWhy}
      until={since + standing.again * 1000}
      again={again}
    />
  );
}

function Said({ title, words, until, again }: { title: string; words: string; until: number; again: () => void }) {
  return (
    <section className="mx-auto grid w-full max-w-4xl gap-4 py-[8vh]">
      <PageHead title={title} />
      <p className="edge max-w-xl text-base text-muted">{words}</p>
      <div className="edge flex flex-wrap items-center gap-4">
        <Button look="strong" onClick={again}>
          {t.tryNow}
        </Button>
        <Countdown
          until={until}
          words={(left) => (left ? t.triesAgain(left) : t.trying)}
          ended={again}
          className="text-muted"
        />
      </div>
    </section>
  );
}

function Starting({ until, again, words }: { until: number; again: () => void; words: string }) {
  const { data } = useQuery({ ...readyQuery, refetchInterval: 2500 });
  const reasons: Record<Waiting, string> = {
    lease: t.startsLease,
    flood: t.startsFlood,
    telegram: t.startsTelegram,
    database: t.startsDatabase,
  };
  const why = data?.waitingFor ? reasons[data.waitingFor] : words || t.startsOther;
  return (
    <section className="mx-auto grid w-full max-w-4xl gap-4 py-[8vh]">
      <PageHead title={t.starts} />
      <p className="edge max-w-xl text-base text-muted">{why}</p>
      {data?.until && (
        <Countdown
          until={data.until * 1000}
          words={(left) => (left ? t.startsUntil(left < 3600 ? clock(left) : duration(left)) : t.trying)}
          className="edge text-base"
        />
      )}
      <div className="edge flex flex-wrap items-center gap-4">
        <Button onClick={again}>{t.tryNow}</Button>
        <span className="text-muted">{t.startsItself}</span>
      </div>
      <Countdown until={until} words={() => ""} ended={again} />
    </section>
  );
}

/** `path`: of the page without the token; opened anew, a session of this browser counts again. */
function OldLink({ path }: { path: string }) {
  return (
    <section className="mx-auto grid w-full max-w-4xl gap-4 py-[8vh]">
      <PageHead title={t.linkTitle} />
      <p className="edge max-w-xl text-base text-muted">{t.linkWhy}</p>
      <div className="edge">
        <Button look="strong" onClick={() => location.replace(path)}>
          {t.logInInstead}
        </Button>
      </div>
    </section>
  );
}
