import { useCallback, useEffect, useRef, useState } from "react";
import { changedPerson, type Started, startLogin, waitForLogin } from "@/api/login";
import { texts } from "@/i18n";
import { login as english } from "@/i18n/en/login";
import { Button, buttonLook } from "@/parts/button";
import { CopyButton } from "@/parts/copy";
import { Countdown, useSecondsLeft } from "@/parts/countdown";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { QrPicture } from "@/parts/qr";
import { Skeleton } from "@/parts/skeleton";
import { clock } from "@/parts/words";
import { logIn, type Over, type Step } from "./flow";
import { pause } from "./pause";

const t = texts("login", english);
const server = { start: startLogin, wait: waitForLogin, pause, now: Date.now };

/** Logs in by a code that the bot confirms. `entered` is called when the person is known. */
export function LoginPanel({ entered }: { entered: () => void }) {
  const [step, tell] = useState<Step>({ at: "starting" });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt is a log-in of its own
  useEffect(() => {
    const leaving = new AbortController();
    void logIn(server, tell, leaving.signal);
    return () => leaving.abort();
  }, [attempt]);
  const isIn = step.at === "in";
  const after = useRef(entered);
  after.current = entered;
  useEffect(() => {
    if (isIn) void changedPerson().then(() => after.current()); // once: this page leads away while it is still shown
  }, [isIn]);
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  return (
    <section className="mx-auto grid w-full max-w-4xl py-[6vh] max-md:py-4">
      <PageHead title={t.title} />
      {step.at === "over" ? (
        <Ended step={step} again={again} />
      ) : (
        <Waiting login={step.at === "waiting" ? step.login : null} step={step} />
      )}
    </section>
  );
}

function Waiting({ login, step }: { login: Started | null; step: Step }) {
  return (
    <div className="edge grid gap-x-14 gap-y-8 md:grid-cols-[1fr_auto]">
      <div className="grid content-start gap-6">
        <p className="text-base text-muted">{t.lead}</p>
        <Steps login={login} />
        <State step={step} />
        <ByHand login={login} />
      </div>
      <div className="pt-2 max-md:hidden">
        {login?.qr ? (
          <QrPicture {...login.qr} label={t.picture} className="w-72" />
        ) : (
          <Skeleton className={`size-72 rounded-lg ${login ? "invisible" : ""}`} />
        )}
      </div>
    </div>
  );
}

function Steps({ login }: { login: Started | null }) {
  return (
    <ol className="grid gap-5 text-base [counter-reset:step] *:grid *:grid-cols-[2rem_1fr] *:gap-3 *:before:grid *:before:size-8 *:before:place-items-center *:before:rounded-full *:before:bg-raised *:before:text-sm *:before:text-muted *:before:content-[counter(step)] *:before:[counter-increment:step]">
      <li>
        <div className="grid justify-items-start gap-3">
          <p>
            <strong className="font-medium">{t.stepOpen}</strong>{" "}
            <span className="text-muted max-md:hidden">{t.stepOpenWhy}</span>
          </p>
          <OpenBot login={login} />
        </div>
      </li>
      <li>
        <div>
          <p className="font-medium">{t.stepNumber}</p>
          {login ? (
            <p className="mt-1 font-serif text-title text-accent tabular-nums">
              <span className="sr-only">{t.yourNumber} </span>
              {login.number}
            </p>
          ) : (
            <Skeleton className="mt-2 h-14 w-20" />
          )}
        </div>
      </li>
      <li>
        <p className="text-muted">{t.stepDone}</p>
      </li>
    </ol>
  );
}

function OpenBot({ login }: { login: Started | null }) {
  if (!login) return <Skeleton className="h-11 w-44 rounded-full" />;
  if (!login.botUrl) return <p className="text-warn">{t.noBot}</p>;
  return (
    <a href={login.botUrl} target="_blank" rel="noreferrer" className={buttonLook("strong")}>
      <Icon.Telegram aria-hidden />
      {t.open}
    </a>
  );
}

function ByHand({ login }: { login: Started | null }) {
  return (
    <div className="grid gap-2">
      <p className="text-muted">{t.byHand}</p>
      <div className="flex flex-wrap items-center gap-3">
        {login ? (
          <>
            <code dir="ltr" className="rounded-md bg-surface px-4 py-2.5 font-mono text-base select-all">
              /login {login.code}
            </code>
            <CopyButton text={`/login ${login.code}`} label={t.copyCommand} />
          </>
        ) : (
          <Skeleton className="h-11 w-72" />
        )}
      </div>
    </div>
  );
}

function State({ step }: { step: Step }) {
  if (step.at === "waiting") {
    return (
      <div className="grid gap-1 text-muted">
        {step.trouble ? (
          <p role="status" className="text-warn">
            {step.trouble} {t.waitingAgain}
          </p>
        ) : (
          <Countdown until={step.until} words={(left) => t.waiting(clock(left))} />
        )}
      </div>
    );
  }
  return (
    <p role="status" className="text-muted">
      {step.at === "in" ? `${t.entered} ${t.entering}` : t.starting}
    </p>
  );
}

function Ended({ step, again }: { step: Extract<Step, { at: "over" }>; again: () => void }) {
  const left = useSecondsLeft(step.retryAt || null) ?? 0;
  const titles: Record<Over, string> = {
    refused: t.refused,
    expired: t.expired,
    blocked: t.blocked,
    failed: t.failed,
  };
  const why: Record<Over, string> = { refused: t.refusedWhy, expired: t.expiredWhy, blocked: "", failed: "" };
  return (
    <div role="alert" className="edge grid max-w-xl justify-items-start gap-4 py-6">
      <h2 className="text-xl">{titles[step.why]}</h2>
      <p className="text-base text-muted">{why[step.why] || step.words}</p>
      <Button look="strong" onClick={again} disabled={left > 0} className="tabular-nums">
        <Icon.Again aria-hidden />
        {left > 0 ? t.again(left) : t.newCode}
      </Button>
    </div>
  );
}
