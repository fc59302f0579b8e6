import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { live, useLink, useTopics } from "@/api/live";
import { topicsOf, useMe } from "@/api/me";
import { accountsQuery } from "@/api/stats";
import { texts } from "@/i18n";
import { status as english } from "@/i18n/en/status";
import { Countdown } from "@/parts/countdown";
import { duration } from "@/parts/words";
import { useSpatial } from "./spatial-keys";
import { lookForUpdate, useUpdates } from "./updates";
import { type Worst, worstOf } from "./worst";

const t = texts("status", english);

function watchNetwork(changed: () => void): () => void {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
}

/** Listens to the server for every page, and says in one line what goes wrong. */
export default function Status() {
  const me = useMe();
  useTopics(topicsOf(me));
  useSpatial();
  const update = useUpdates();
  const link = useLink();
  const there = link.connection === "live";
  useEffect(() => {
    if (there) lookForUpdate();
  }, [there]);
  const online = useSyncExternalStore(watchNetwork, () => navigator.onLine);
  const { data } = useQuery(accountsQuery);
  const worst = worstOf(online, link, data?.conditions ?? []);
  return (
    <>
      <div className={worst ? "edge bg-raised" : "sr-only"}>
        <p role="status" className={worst ? "flex min-h-11 flex-wrap items-center gap-x-4 py-1.5 text-warn" : ""}>
          {worst && <Words worst={worst} />}
        </p>
      </div>
      {update && (
        <div role="status" className="edge flex min-h-11 flex-wrap items-center gap-4 bg-raised py-1.5">
          {t.newVersion}
          <LineButton onClick={update}>{t.reload}</LineButton>
        </div>
      )}
    </>
  );
}

function Words({ worst }: { worst: Worst }) {
  if (worst.is === "offline") return t.offline;
  if (worst.is === "lost") {
    return (
      <>
        {worst.again ? (
          <Countdown within until={worst.again} words={(left) => (left ? t.lost(left) : t.trying)} />
        ) : (
          t.trying
        )}
        <LineButton onClick={live.restart}>{t.tryNow}</LineButton>
      </>
    );
  }
  if (worst.what === "flood" && worst.until !== null) {
    const until = worst.until * 1000;
    return <Countdown within until={until} words={(left) => (left ? t.floodUntil(duration(left)) : t.floodOver)} />;
  }
  const words = { database: t.database, telegram: t.telegram, flood: t.flood, data_centre: t.dataCentre };
  return words[worst.what];
}

function LineButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="min-h-11 rounded-full px-3 text-text underline underline-offset-4"
    >
      {children}
    </button>
  );
}
