// Where the API is, and what opens it: the page's own token, or a session kept for a page of another origin.

const SESSION = "sv.session";

let base = "";

/** Reads `config.json` beside the page: `{"api": "https://…"}` for a copy on another origin, "" for the server itself. */
export async function loadAddress(): Promise<void> {
  try {
    const answer = await fetch("/config.json", { credentials: "same-origin" });
    const config: unknown = answer.ok ? await answer.json() : {};
    const api = typeof config === "object" && config !== null && "api" in config ? config.api : "";
    base = typeof api === "string" ? api.replace(/\/+$/, "") : "";
  } catch {
    base = ""; // the page came from somewhere: the server itself is the best guess
  }
}

/** The origin of the API. */
export const apiOrigin = () => (base ? new URL(base, location.href).origin : location.origin);
/** Whether the page was loaded from elsewhere: no cookies then, a bearer instead. */
export const isElsewhere = () => apiOrigin() !== location.origin;

/** The link token in the page's address; "" for people who are logged in or need none. */
export const pageToken = () => new URLSearchParams(location.search).get("token") ?? "";

/** The session of a page of another origin; "" where there is none. */
export function bearer(): string {
  if (!isElsewhere()) return "";
  try {
    return localStorage.getItem(SESSION) ?? "";
  } catch {
    return "";
  }
}

export function keepBearer(token: string): void {
  try {
    if (token) localStorage.setItem(SESSION, token);
    else localStorage.removeItem(SESSION);
  } catch {
    // such a browser logs in each time
  }
}

/** An address of the API with the page's token, unless the query names another. Empty values are left out. */
export function address(path: string, query: Record<string, string | number | null | undefined> = {}): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries({ token: pageToken(), ...query })) {
    if (value !== null && value !== undefined && value !== "") all.set(name, String(value));
  }
  const text = all.toString();
  return `${base}${path}${text ? `?${text}` : ""}`;
}

/** An address that the API gave: only of its own origin, and never a script. null for others. */
export function given(text: string | null | undefined): string | null {
  if (!text) return null;
  const url = new URL(text, apiOrigin());
  if (url.origin !== apiOrigin() && url.origin !== location.origin) return null;
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}

/** The same address with a parameter. */
export function withQuery(href: string, name: string, value: string | number): string {
  const url = new URL(href, location.href);
  url.searchParams.set(name, String(value));
  return url.href;
}

/** What a token opens: byte 1 is 1 for a file, 2 for the server, 4 for a stored link. null where it cannot be told. */
export function reach(token = pageToken()): number | null {
  try {
    return atob(token.replaceAll("-", "+").replaceAll("_", "/")).charCodeAt(1);
  } catch {
    return null;
  }
}

/** Whether the page's token, or its absence, opens lists and not just one file. */
export const opensLists = () => !pageToken() || reach() !== 1;
