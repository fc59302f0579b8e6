/** An answer that is no success, in the words of the server (RFC 9457); `status` 0 when it could not be reached. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  /** What the server says of it, "" where it says nothing. */
  readonly detail: string;
  /** Seconds until it is worth asking again; 0 where the server names none. */
  readonly retryAfter: number;

  constructor(status: number, title: string, detail: string, retryAfter = 0) {
    super(detail || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** The problem that an answer tells of. */
export function problemOf(response: Response, body: unknown): Problem {
  const told = typeof body === "object" && body !== null ? (body as { title?: unknown; detail?: unknown }) : {};
  const title = typeof told.title === "string" ? told.title : response.statusText;
  const detail = typeof told.detail === "string" ? told.detail : "";
  return new Problem(response.status, title, detail, Number(response.headers.get("Retry-After")) || 0);
}

/** Whether asking again may help: the server is away, starting, or busy. */
export const passes = (error: unknown): error is Problem =>
  error instanceof Problem &&
  (error.status === 0 || error.status === 502 || error.status === 503 || error.status === 504);

/** Why there is nothing to show: also while a query is asked again by itself. null once there is something. */
export const failureOf = <E>(query: { data: unknown; error: E | null; failureReason: E | null }): E | null =>
  query.data === undefined ? (query.error ?? query.failureReason) : null;
