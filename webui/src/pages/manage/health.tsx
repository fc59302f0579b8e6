import { useQuery } from "@tanstack/react-query";
import { failureOf } from "@/api/problem";
import { statsQuery } from "@/api/stats";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import * as Icon from "@/parts/icons";
import { Failure } from "@/parts/notice";
import { Panel, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { Centres } from "./centres";
import { conditionTitle } from "./checklist";
import { ConditionWords } from "./condition";

const t = texts("manage", english);

/** What the server cannot do just now with the reason and how to mend it, and how its accounts do. */
export function HealthSection() {
  const stats = useQuery({ ...statsQuery, refetchInterval: 5000 });
  const failure = failureOf(stats);
  if (failure) return <Failure error={failure} again={() => stats.refetch()} />;
  if (!stats.data) return <Skeleton className="h-64 rounded-lg" />;
  const { conditions, telegram } = stats.data;
  return (
    <>
      <Panel title={t.conditions} lead={t.healthLead}>
        {conditions.length ? (
          <Rows label={t.conditions}>
            {conditions.map((one) => (
              <li key={`${one.what} ${one.subject}`} className="flex items-start gap-3">
                <Icon.Warning aria-hidden className="mt-0.5 size-5 shrink-0 text-warn" />
                <div className="min-w-0">
                  <p className="font-medium">{conditionTitle(one.what)}</p>
                  <ConditionWords condition={one} />
                </div>
              </li>
            ))}
          </Rows>
        ) : (
          <p className="flex items-center gap-3">
            <Icon.Done aria-hidden className="size-5 shrink-0 text-ok" />
            {t.noConditions}
          </p>
        )}
      </Panel>
      <Panel title={t.centres}>
        <Centres centres={telegram} />
      </Panel>
    </>
  );
}
