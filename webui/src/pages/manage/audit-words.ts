// An event of the audit as a sentence, and events by day. Pure.

import type { AuditEvent } from "@/api/audit";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { day, legible } from "@/parts/words";

const t = texts("manage", english);

/** What happened; `person` and `chat` name those that it tells of by number. */
export function said(event: AuditEvent, person: (id: number) => string, chat: (id: number) => string): string {
  const who = event.person ? person(event.person) : event.address === "terminal" ? t.terminal : t.nobodyKnown;
  const detail = legible(event.detail);
  const number = /^-?\d{1,16}$/.test(detail) ? Number(detail) : null;
  const whom = number === null ? detail : person(number);
  switch (event.what) {
    case "login":
      return t.saidLogin(who, detail);
    case "logout":
      return t.saidLogout(who);
    case "login refused":
      return t.saidLoginRefused(who);
    case "session ended":
      return t.saidSessionEnded(who);
    case "invited":
    case "changed":
      return t.saidInvited(who, whom);
    case "removed":
      return t.saidRemoved(who, whom);
    case "token made":
      return t.saidTokenMade(who, detail);
    case "token revoked":
      return t.saidTokenRevoked(who);
    case "link made":
      return t.saidLinkMade(who);
    case "link revoked":
      return t.saidLinkRevoked(who);
    case "refused often":
      return t.saidRefusedOften;
    case "deleted":
      return t.saidDeleted(who, detail);
    case "leeched":
      return t.saidLeeched(who, detail);
    case "mirrored":
      return t.saidMirrored(who, detail);
    case "feed added":
      return t.saidFeedAdded(who, detail);
    case "feed removed":
      return t.saidFeedRemoved(who, detail);
    case "served":
      return t.saidServed(who, number === null ? detail : chat(number));
    default:
      return t.saidOther(who, event.what, detail);
  }
}

/** From where, where that says something. */
export function whence(event: AuditEvent): string {
  if (!event.address || event.address === "terminal") return "";
  if (event.address === "feed") return t.byFeed;
  return event.address === "bot" ? t.bot : t.from(legible(event.address));
}

/** Events of the same day together, in their order. */
export function byDay(events: readonly AuditEvent[]): { day: string; events: AuditEvent[] }[] {
  const days: { day: string; events: AuditEvent[] }[] = [];
  for (const event of events) {
    const name = day(event.at);
    const last = days.at(-1);
    if (last?.day === name) last.events.push(event);
    else days.push({ day: name, events: [event] });
  }
  return days;
}
