import { Link, useNavigate } from "@tanstack/react-router";
import type { CSSProperties, ReactNode } from "react";
import type { Me } from "@/api/client";
import { logOut } from "@/api/login";
import { texts } from "@/i18n";
import { settings as english } from "@/i18n/en/settings";
import { rightsInWords } from "@/pages/manage/rights";
import { buttonLook } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import { hueOf } from "@/parts/hue";
import * as Icon from "@/parts/icons";
import { bytes, legible } from "@/parts/words";

const t = texts("settings", english);

/** Who somebody is here, what they may do, and the way in or out. */
export function AccountPanel({ me }: { me: Me }) {
  const name = me.person ? legible(me.person.name) || String(me.person.id) : t.account;
  return (
    <section
      aria-label={t.account}
      style={{ "--hue": hueOf(name) } as CSSProperties}
      className="ambient flex flex-wrap items-center gap-x-6 gap-y-4 rounded-lg p-6 max-sm:p-4"
    >
      <span
        aria-hidden
        className="art grid size-20 shrink-0 place-items-center rounded-full font-serif text-2xl max-sm:size-14"
      >
        {me.person ? [...name][0]?.toUpperCase() : <Icon.User className="size-8" />}
      </span>
      <div className="grid min-w-0 flex-1 basis-80 gap-1">
        <h2 dir="auto" className="line-clamp-2 text-2xl wrap-anywhere">
          {name}
        </h2>
        <p className="max-w-prose">{roleInWords(me)}</p>
        <dl className="flex flex-wrap gap-x-6 text-sm">
          {me.person && <Fact name={t.telegramNumber}>{me.person.id}</Fact>}
          <Fact name={t.limits}>{limitsInWords(me)}</Fact>
        </dl>
      </div>
      <WayInOrOut me={me} />
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-2">
      <dt className="text-muted">{name}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  );
}

function WayInOrOut({ me }: { me: Me }) {
  const navigate = useNavigate();
  if (!me.person) {
    if (!me.server.features.includes("login")) return null;
    return (
      <Link to="/login" className={buttonLook("strong")}>
        <Icon.LogIn aria-hidden />
        {t.logIn}
      </Link>
    );
  }
  return (
    <ConfirmButton
      look="plain"
      label={t.logOut}
      icon={<Icon.LogOut aria-hidden className="rtl:-scale-x-100" />}
      title={t.logOutTitle}
      action={t.logOut}
      run={async () => {
        await logOut();
        await navigate({ to: "/" });
      }}
    >
      {t.logOutWhy}
    </ConfirmButton>
  );
}

function roleInWords(me: Me): string {
  const rights = rightsInWords(me.can) || t.nothing;
  if (me.role === "owner") return t.roleOwner;
  if (me.role === "member") return t.roleMember(rights);
  return me.role === "guest" ? t.roleGuest(rights) : t.rolePublic;
}

function limitsInWords({ role, limits }: Me): string {
  if (role === "owner") return t.noLimits;
  const said = [
    limits.requests_per_minute && t.limitRequests(limits.requests_per_minute),
    limits.streams && t.limitStreams(limits.streams),
    limits.bytes_per_day && t.limitBytes(bytes(limits.bytes_per_day)),
  ].filter(Boolean);
  return said.join(", ") || t.noLimitsAtAll;
}
