import { bearer, isElsewhere } from "@/api/address";

/** What a server answers to a look at an address, without its bytes: status 0 where it does not answer. */
export type Probe = { status: number; retryAfter: number; detail: string };

export async function probe(url: string, signal: AbortSignal): Promise<Probe> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (bearer()) headers.Authorization = `Bearer ${bearer()}`;
  try {
    const credentials = isElsewhere() ? "omit" : "same-origin";
    const answer = await fetch(url, { method: "HEAD", cache: "no-store", headers, credentials, signal });
    return { status: answer.status, retryAfter: Number(answer.headers.get("Retry-After")) || 0, detail: "" };
  } catch {
    return { status: 0, retryAfter: 0, detail: "" };
  }
}

/** Waits; not any longer once `signal` is aborted. */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      done();
    };
    const timer = setTimeout(end, seconds * 1000);
    signal?.addEventListener("abort", end);
  });
}
