import { useQuery } from "@tanstack/react-query";
import { useCanGoBack, useRouter } from "@tanstack/react-router";
import { opensLists } from "@/api/address";
import type { Me } from "@/api/client";
import { may, useMe } from "@/api/me";
import { sessionsQuery } from "@/api/sessions";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { Button } from "@/parts/button";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { Skeleton } from "@/parts/skeleton";
import { AccountPanel } from "./account";
import { Appearance } from "./appearance";
import { Devices } from "./devices";
import { KeyboardPanel } from "./keyboard";
import { Places } from "./places";
import { PlaybackPanel } from "./playback";
import { ServerPanel } from "./server";
import { TokensPanel } from "./tokens";

const t = texts("settings", english);

/** Who somebody is here, and how the page and the player behave for them. */
export function Settings() {
  const me = useMe();
  return (
    <>
      <PageHead title={t.title}>{!opensLists() && <Back />}</PageHead>
      <div className="edge grid max-w-[112rem] gap-5 pb-8">{me ? <Panels me={me} /> : <Waiting />}</div>
    </>
  );
}

/** To the file: a link to one leads nowhere else. */
function Back() {
  const { history } = useRouter();
  if (!useCanGoBack()) return null;
  return (
    <Button onClick={() => history.back()}>
      <Icon.Back aria-hidden className="rtl:-scale-x-100" />
      {t.back}
    </Button>
  );
}

function Panels({ me }: { me: Me }) {
  return (
    <>
      <AccountPanel me={me} />
      <Places me={me} />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Appearance />
        <PlaybackPanel />
      </div>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <KeyboardPanel />
        <ServerPanel me={me} />
      </div>
      {me.person && <Lists me={me} />}
    </>
  );
}

/** What is as long as the server says, one after the other and last, so that it moves nothing when it comes. */
function Lists({ me }: { me: Me }) {
  const { isPending } = useQuery(sessionsQuery);
  return (
    <>
      <Devices />
      {!isPending && may(me, "read", "tokens") && <TokensPanel me={me} />}
    </>
  );
}

const Waiting = () => (
  <div className="grid gap-5" aria-hidden="true">
    <Skeleton className="h-44 rounded-lg" />
    <Skeleton className="h-64 rounded-lg" />
  </div>
);
