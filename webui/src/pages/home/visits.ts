// When somebody was here before: what is new since then is shown first. Kept on the device.

const STORED = "sv.visit";
const APART = 30 * 60; // seconds without the page after which it is another visit

export type Visit = {
  /** When the page was last looked at, in Unix seconds. */
  last: number;
  /** When the visit before this one ended; 0 at the first. */
  before: number;
};

/** The visit that it is now, after what was kept. */
export function visitAt(now: number, kept: Visit | null): Visit {
  if (!kept) return { last: now, before: 0 };
  return now - kept.last > APART ? { last: now, before: kept.last } : { last: now, before: kept.before };
}

function stored(): Visit | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? "null");
    if (typeof kept !== "object" || kept === null || !("last" in kept) || !("before" in kept)) return null;
    return typeof kept.last === "number" && typeof kept.before === "number"
      ? { last: kept.last, before: kept.before }
      : null;
  } catch {
    return null;
  }
}

/** Notes that somebody is here, and says until when they were here before; 0 where that is not known. */
export function visited(now = Math.floor(Date.now() / 1000)): number {
  const visit = visitAt(now, stored());
  try {
    localStorage.setItem(STORED, JSON.stringify(visit));
  } catch {
    // each visit is the first then
  }
  return visit.before;
}
