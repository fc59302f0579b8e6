const STORED = "sv.call-chat";

/** The chat in whose call something was played last from this device; null where there is none. */
export function lastChat(): number | null {
  try {
    return Number(localStorage.getItem(STORED)) || null;
  } catch {
    return null;
  }
}

export function keepChat(chat: number): void {
  try {
    localStorage.setItem(STORED, String(chat));
  } catch {
    // a browser that keeps nothing offers the first one again
  }
}
