import type { Condition } from "@/api/live";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Countdown } from "@/parts/countdown";
import { Moment } from "@/parts/moment";
import { duration, legible } from "@/parts/words";

const t = texts("manage", english);

/** Why something cannot be done and how to mend it, in the server's words; since when, and for how long still. */
export function ConditionWords({ condition }: { condition: Condition }) {
  return (
    <>
      <p dir="auto" className="max-w-prose text-muted wrap-anywhere">
        {legible(condition.detail)}
      </p>
      <p className="text-sm text-faint">
        {condition.subject && <span dir="auto">{legible(condition.subject)} · </span>}
        {t.condSince} <Moment unix={condition.since} />
        {condition.until !== null && (
          <>
            {" · "}
            <Countdown
              until={condition.until * 1000}
              words={(left) => (left ? t.condUntil(duration(left)) : t.condSoon)}
              className="text-warn"
            />
          </>
        )}
      </p>
    </>
  );
}
