import type { Job } from "@/api/jobs";

/** A job for tests. */
export const job = (over: Partial<Job>): Job => ({
  id: "a",
  source: "https://example.org/film.mkv",
  name: "film.mkv",
  state: "transferring",
  reason: null,
  wish: null,
  bytes_done: 0,
  bytes_total: null,
  rate: 0,
  eta: null,
  attempts: 0,
  chat_id: -1001,
  messages: [],
  notes: [],
  person: null,
  as_document: false,
  zip: false,
  unzip: false,
  select: [],
  ytdlp: false,
  retry_at: null,
  created_at: 100,
  updated_at: 100,
  ...over,
});
