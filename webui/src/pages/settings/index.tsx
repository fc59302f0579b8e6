import type { Me } from "@/api/client";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { PageHead } from "@/parts/head";
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
      <PageHead title={t.title} />
      <div className="edge grid max-w-[112rem] gap-5 pb-8">{me ? <Panels me={me} /> : <Waiting />}</div>
    </>
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
      {me.person && <Devices />}
      {me.person && may(me, "read", "tokens") && <TokensPanel me={me} />}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <KeyboardPanel />
        <ServerPanel me={me} />
      </div>
    </>
  );
}

const Waiting = () => (
  <div className="grid gap-5" aria-hidden="true">
    <Skeleton className="h-44 rounded-lg" />
    <Skeleton className="h-64 rounded-lg" />
  </div>
);
