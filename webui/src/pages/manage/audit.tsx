import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "@/api/audit";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Failure } from "@/parts/notice";
import { Nothing, Panel } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { exact, timeOfDay } from "@/parts/when";
import { byDay, said, whence } from "./audit-words";
import { More } from "./more";
import { useChatTitles, usePeopleNames } from "./names";

const t = texts("manage", english);

/** What people did, the latest first. */
export function AuditSection() {
  const audit = useInfiniteQuery(auditQuery);
  const person = usePeopleNames();
  const chat = useChatTitles();
  const failure = failureOf(audit);
  if (failure) return <Failure error={failure} again={() => audit.refetch()} />;
  const events = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title={t.auditTitle} lead={t.auditLead}>
      {!audit.data && <Skeleton className="h-64" />}
      {audit.data && !events.length && <Nothing>{t.noEvents}</Nothing>}
      {byDay(events).map(({ day, events: those }) => (
        <section key={day} aria-label={day} className="grid gap-1">
          <h3 className="text-sm font-medium text-muted">{day}</h3>
          <ul>
            {those.map((event) => (
              <li key={event.id} className="flex gap-4 border-t border-line py-2">
                <time
                  dateTime={new Date(event.at * 1000).toISOString()}
                  title={exact(event.at)}
                  className="w-16 shrink-0 whitespace-nowrap text-sm leading-[1.6] text-faint tabular-nums"
                >
                  {timeOfDay(event.at)}
                </time>
                <p dir="auto" className="min-w-0 wrap-anywhere">
                  {said(event, person, chat)} <span className="text-sm text-faint">{whence(event)}</span>
                </p>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <More query={audit} />
    </Panel>
  );
}
