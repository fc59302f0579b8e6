import type { Right } from "@/api/me";
import type { Grant, MemberRight, Person } from "@/api/people";
import { locale, texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";

const t = texts("manage", english);

/** What a member has of whom nothing is said. */
export const MEMBER_RIGHTS: readonly MemberRight[] = ["read", "links", "playback"];
/** What an owner can give a member. */
export const GRANTED_RIGHTS: readonly MemberRight[] = [...MEMBER_RIGHTS, "leech", "voice"];
export const ALL_RIGHTS: readonly Right[] = ["read", "playback", "links", "index", "people", "leech", "voice"];

export function rightName(right: string): string {
  const names: Record<string, string> = {
    read: t.rightRead,
    links: t.rightLinks,
    playback: t.rightPlayback,
    index: t.rightIndex,
    people: t.rightPeople,
    leech: t.rightLeech,
    voice: t.rightVoice,
  };
  return names[right] ?? right;
}

/** Rights as one sentence part, in the usual order. */
export function rightsInWords(can: readonly string[]): string {
  const sorted = ALL_RIGHTS.filter((right) => can.includes(right)).map(rightName);
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(sorted);
}

export type Draft = { id: string; name: string; can: readonly MemberRight[]; all: boolean; chats: readonly number[] };
export type Wrong = "id" | "rights" | "channels" | null;

export const draftOf = (person: Person | undefined): Draft => ({
  id: person ? String(person.id) : "",
  name: person?.name ?? "",
  can: person ? GRANTED_RIGHTS.filter((right) => person.can.includes(right)) : MEMBER_RIGHTS,
  all: !person?.chats,
  chats: person?.chats ?? [],
});

/** What a draft asks for; `wrong` says what has to be mended first. Pure. */
export function grantOf(draft: Draft): { id: number; grant: Grant; wrong: Wrong } {
  const id = /^\d{1,15}$/.test(draft.id.trim()) ? Number(draft.id.trim()) : 0;
  const wrong = !id ? "id" : !draft.can.length ? "rights" : !draft.all && !draft.chats.length ? "channels" : null;
  const usual = GRANTED_RIGHTS.every((right) => draft.can.includes(right) === MEMBER_RIGHTS.includes(right));
  return {
    id,
    wrong,
    grant: {
      name: draft.name.trim().slice(0, 128),
      chats: draft.all ? null : [...draft.chats],
      can: usual ? null : [...draft.can],
    },
  };
}
