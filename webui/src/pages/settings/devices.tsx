import { useQuery } from "@tanstack/react-query";
import { failureOf } from "@/api/problem";
import { endSession, type Session, sessionsQuery } from "@/api/sessions";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { ConfirmButton } from "@/parts/confirm";
import * as Icon from "@/parts/icons";
import { Moment } from "@/parts/moment";
import { Failure } from "@/parts/notice";
import { Panel, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { legible } from "@/parts/words";

const t = texts("settings", english);

/** The browsers in which somebody is logged in; each can be logged out from here. */
export function Devices() {
  const sessions = useQuery(sessionsQuery);
  const failure = failureOf(sessions);
  if (failure) return <Failure error={failure} again={() => sessions.refetch()} />;
  return (
    <Panel title={t.devices} lead={t.devicesLead}>
      {sessions.data ? (
        <Rows label={t.devices}>
          {sessions.data.items.map((session) => (
            <Device key={session.id} session={session} />
          ))}
        </Rows>
      ) : (
        <Skeleton className="h-24" />
      )}
    </Panel>
  );
}

function Device({ session }: { session: Session }) {
  const browser = legible(session.browser);
  const Sign = /android|iphone|ipad|mobile/i.test(browser) ? Icon.Phone : Icon.Device;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <Sign aria-hidden className="size-6 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-56">
        <p dir="auto" className="font-medium wrap-anywhere">
          {browser} {session.current && <span className="font-normal text-ok">({t.thisOne})</span>}
        </p>
        <p className="text-sm text-muted">
          <bdi>{session.address}</bdi> · {t.lastUsed} <Moment unix={session.last_used_at ?? session.created_at} /> ·{" "}
          {t.endsOn} <Moment unix={session.expires_at} />
        </p>
      </div>
      {!session.current && (
        <ConfirmButton
          label={t.endSession}
          name={t.endSessionOf(browser)}
          title={t.endTitle(browser)}
          action={t.endSession}
          run={() => endSession(session.id)}
        >
          {t.endWhy}
        </ConfirmButton>
      )}
    </li>
  );
}
