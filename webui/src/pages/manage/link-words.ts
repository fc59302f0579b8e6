// What a stored link is: whether it still opens something, and what for. Pure.

import type { StoredLink } from "@/api/links-admin";

export type Shown = "all" | "valid" | "ended";

export const hasEnded = (link: Pick<StoredLink, "expires_at">, now: number): boolean =>
  link.expires_at !== null && link.expires_at !== undefined && link.expires_at <= now;

export const chosen = (links: readonly StoredLink[], shown: Shown, now: number): StoredLink[] =>
  links.filter((link) => shown === "all" || hasEnded(link, now) === (shown === "ended"));

/** The address that somebody else is given: the page where there is one, else the file. */
export const addressOf = (link: Pick<StoredLink, "url" | "watch_url" | "download_url">): string =>
  link.watch_url ?? link.download_url ?? link.url;
