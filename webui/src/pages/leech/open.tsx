import { Link } from "@tanstack/react-router";
import type { Job } from "@/api/jobs";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { nameOf } from "./words";

const t = texts("leech", english);

/** The way to the page of a file that was leeched: of one in several messages, that of its first. */
export function OpenFile({ job }: { job: Job }) {
  const message = job.messages[0];
  if (!message) return null;
  return (
    <Link
      to="/watch/$chat/$message"
      params={{ chat: String(message.chat_id), message: String(message.message_id) }}
      aria-label={t.actionOf(t.open, nameOf(job))}
      className={buttonLook()}
    >
      <Icon.Play aria-hidden />
      {t.open}
    </Link>
  );
}
