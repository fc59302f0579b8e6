// What stands in the address of a list: filters, sorting and view. Pure; unknown and wrong values are dropped.

import type { Kind } from "@/api/client";

export type Sort = "date" | "name" | "size";
export type Order = "asc" | "desc";
export type View = "grid" | "compact" | "list";

export type ListSearch = {
  q?: string;
  kind?: Kind;
  chat?: number;
  tag?: string;
  year?: number;
  resolution?: string;
  language?: string;
  sort?: Sort;
  order?: Order;
  view?: View;
  hidden?: boolean;
};

export const KINDS: readonly Kind[] = [
  "video",
  "audio",
  "photo",
  "document",
  "voice",
  "animation",
  "video_note",
  "sticker",
];

/** The search of a list from the values in an address. */
export function listSearch(raw: Record<string, unknown>): ListSearch {
  return compact({
    q: text(raw.q, 200),
    kind: oneOf(raw.kind, KINDS),
    chat: whole(raw.chat),
    tag: text(raw.tag, 100),
    year: whole(raw.year),
    resolution: text(raw.resolution, 20),
    language: text(raw.language, 20),
    sort: oneOf(raw.sort, ["date", "name", "size"] as const),
    order: oneOf(raw.order, ["asc", "desc"] as const),
    view: oneOf(raw.view, ["grid", "compact", "list"] as const),
    hidden: raw.hidden === true || raw.hidden === "true" ? true : undefined,
  });
}

/** The season of a series that is shown; "none" for files without one. */
export type WorkSearch = { season?: number | "none" };

export const workSearch = (raw: Record<string, unknown>): WorkSearch =>
  compact({ season: raw.season === "none" ? "none" : whole(raw.season) });

export type RootSearch = { token?: string; photo?: string; doc?: string };

/** The token of a link, which every page of the same tab keeps in its address, and the picture or text shown over it. */
export const rootSearch = (raw: Record<string, unknown>): RootSearch =>
  compact({
    token: typeof raw.token === "string" && raw.token ? raw.token : undefined,
    photo: message(raw.photo),
    doc: message(raw.doc),
  });

/** CHAT_MESSAGE */
const message = (value: unknown) =>
  typeof value === "string" && /^-?\d{1,16}_\d{1,16}$/.test(value) ? value : undefined;

/** Where a film begins: at a moment (`t`, seconds), or where the person left it (`resume`). */
export type WatchSearch = { t?: number; resume?: boolean };
export const watchSearch = (raw: Record<string, unknown>): WatchSearch => {
  const t = Number(raw.t);
  return compact({
    t: Number.isFinite(t) && t > 0 ? t : undefined,
    resume: raw.resume === true || raw.resume === "true" || raw.resume === "1" ? true : undefined,
  });
};

function text(value: unknown, most: number): string | undefined {
  const found = typeof value === "string" || typeof value === "number" ? String(value).slice(0, most) : "";
  return found.trim() ? found : undefined;
}

function whole(value: unknown): number | undefined {
  const found = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof found === "number" && Number.isSafeInteger(found) ? found : undefined;
}

const oneOf = <T extends string>(value: unknown, of: readonly T[]): T | undefined => of.find((one) => one === value);

function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
