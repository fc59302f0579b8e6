import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { chatsQuery } from "@/api/chats";
import { may, useMe } from "@/api/me";
import { peopleQuery } from "@/api/people";
import { accountsQuery } from "@/api/stats";
import { walksQuery } from "@/api/walks";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { Panel, Rows } from "@/parts/panel";
import { ConditionWords } from "./condition";
import { allSet, type Hint, type HintName, hintsOf } from "./hints";
import { chatCountsQuery } from "./names";

const t = texts("manage", english);

/** What is still to be done, and what is wrong; null for those who cannot change it, and where it cannot be told. */
export function useHints(): Hint[] | null | "waiting" {
  const people = may(useMe(), "people");
  const chats = useQuery({ ...chatsQuery, enabled: people });
  const members = useQuery({ ...peopleQuery, enabled: people });
  const walks = useQuery(walksQuery);
  const counts = useQuery(chatCountsQuery);
  const conditions = useQuery(accountsQuery).data?.conditions ?? [];
  if (!people) return null;
  if (chats.data && members.data && walks.data && counts.data) {
    return hintsOf({
      chats: chats.data.items,
      walks: walks.data.walks,
      files: counts.data.reduce((sum, one) => sum + one.count, 0),
      members: members.data.items.filter((one) => one.role === "member").length,
      conditions,
    });
  }
  return [chats, members, walks, counts].some((one) => one.failureReason) ? null : "waiting";
}

/** The hints; one line when there is nothing to do. */
export function Checklist({ hints }: { hints: readonly Hint[] | null }) {
  if (!hints) return null;
  if (allSet(hints)) {
    return (
      <p className="flex items-center gap-3 rounded-lg bg-surface p-4 text-muted">
        <Icon.Done aria-hidden className="size-5 shrink-0 text-ok" />
        <span>
          <strong className="block font-medium text-text">{t.allSet}</strong>
          {t.allSetWhy}
        </span>
      </p>
    );
  }
  return (
    <Panel title={t.checklist}>
      <Rows label={t.checklist}>
        {hints.map((hint) => (
          <HintRow key={`${hint.name} ${hint.condition?.what} ${hint.condition?.subject}`} hint={hint} />
        ))}
      </Rows>
    </Panel>
  );
}

const STATES = {
  done: { sign: Icon.Done, look: "text-ok", words: t.done },
  todo: { sign: Icon.Todo, look: "text-muted", words: t.todo },
  wrong: { sign: Icon.Warning, look: "text-warn", words: t.wrong },
};

const LEADS: Record<HintName, string> = {
  serve: "channels",
  offered: "channels",
  read: "channels",
  failed: "channels",
  invite: "people",
  condition: "health",
};

function HintRow({ hint }: { hint: Hint }) {
  const { sign: Sign, look, words } = STATES[hint.state];
  const open = hint.state !== "done";
  const [title, why] = wordsOf(hint);
  return (
    <li className="flex items-start gap-3">
      <Sign aria-hidden className={`mt-0.5 size-5 shrink-0 ${look}`} />
      <div className="me-auto min-w-0">
        <p className={open ? "font-medium" : "text-muted"}>
          <span className="sr-only">{words}: </span>
          {title}
        </p>
        {open && (hint.condition ? <ConditionWords condition={hint.condition} /> : <p className="text-muted">{why}</p>)}
      </div>
      {open && (
        <Link to="/manage/$section" params={{ section: LEADS[hint.name] }} className={buttonLook("plain", "shrink-0")}>
          {t.open}
          <span className="sr-only">: {title}</span>
        </Link>
      )}
    </li>
  );
}

function wordsOf({ name, count, condition }: Hint): [string, string] {
  if (condition) return [conditionTitle(condition.what), ""];
  const words: Record<Exclude<HintName, "condition">, [string, string]> = {
    serve: [t.hintServe, t.hintServeWhy],
    offered: [t.hintOffered(count), t.hintOfferedWhy],
    read: [t.hintRead, t.hintReadWhy],
    failed: [t.hintFailed(count), ""],
    invite: [t.hintInvite, t.hintInviteWhy],
  };
  return name === "condition" ? ["", ""] : words[name];
}

/** What a condition is called. */
export function conditionTitle(what: string): string {
  const titles: Record<string, string> = {
    account: t.condAccount,
    channels: t.condChannels,
    data_centre: t.condDataCentre,
    database: t.condDatabase,
    disk: t.condDisk,
    flood: t.condFlood,
    lease: t.condLease,
    telegram: t.condTelegram,
    updates: t.condUpdates,
    vault: t.condVault,
  };
  return titles[what] ?? t.condOther;
}
