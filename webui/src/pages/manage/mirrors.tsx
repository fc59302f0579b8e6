import { useQuery } from "@tanstack/react-query";
import { decideDeletions, type Mirror, mirrorsQuery, removeMirror } from "@/api/mirrors";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { mirrors as english } from "@/i18n/en/mirrors";
import { ConfirmButton } from "@/parts/confirm";
import { Moment } from "@/parts/moment";
import { Failure } from "@/parts/notice";
import { Nothing, Panel, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { legible } from "@/parts/words";
import { channelsOf, lagOf, leftOut, stateOf } from "./mirror-words";
import { NewMirror } from "./new-mirror";

const t = texts("mirrors", english);

/** The channels that are kept as copies of others, and how far each copy is behind. */
export function MirrorsSection() {
  const mirrors = useQuery(mirrorsQuery);
  const failure = failureOf(mirrors);
  if (failure) return <Failure error={failure} again={() => mirrors.refetch()} />;
  if (!mirrors.data) return <Skeleton className="h-64 rounded-lg" />;
  return (
    <>
      <Panel title={t.list} lead={t.lead}>
        {mirrors.data.items.length ? (
          <Rows label={t.list}>
            {mirrors.data.items.map((mirror) => (
              <MirrorRow key={mirror.id} mirror={mirror} />
            ))}
          </Rows>
        ) : (
          <Nothing>{t.none}</Nothing>
        )}
      </Panel>
      <NewMirror />
    </>
  );
}

function MirrorRow({ mirror }: { mirror: Mirror }) {
  const { source, target } = channelsOf(mirror);
  return (
    <li className="grid gap-x-6 gap-y-2 lg:grid-cols-[1fr_auto]">
      <div className="grid min-w-0 gap-1">
        <p className="font-medium wrap-anywhere">
          <bdi>{source}</bdi> <span className="text-muted">{t.to}</span> <bdi>{target}</bdi>
        </p>
        <MirrorState mirror={mirror} />
        <LeftOut mirror={mirror} />
      </div>
      <MirrorActions mirror={mirror} pair={t.pair(source, target)} />
    </li>
  );
}

const LOOKS: Partial<Record<Mirror["state"], string>> = {
  following: "text-ok",
  done: "text-ok",
  asking: "text-warn",
  failed: "text-danger",
};

function MirrorState({ mirror }: { mirror: Mirror }) {
  return (
    <div className="grid gap-1 text-sm text-muted">
      <p className="flex flex-wrap gap-x-2 tabular-nums">
        <span className={LOOKS[mirror.state] ?? "text-text"}>{stateOf(mirror.state)}</span>
        <span>{t.copied(mirror.copied)}</span>
        <span>{lagOf(mirror)}</span>
      </p>
      {mirror.reason && (
        <p dir="auto" className="wrap-anywhere">
          {legible(mirror.reason)}
        </p>
      )}
      {mirror.retry_at && (
        <p>
          {t.next} <Moment unix={mirror.retry_at} />
        </p>
      )}
    </div>
  );
}

function LeftOut({ mirror }: { mirror: Mirror }) {
  if (!mirror.left_out.length) return null;
  return (
    <details className="text-sm text-muted">
      <summary className="inline-flex min-h-11 cursor-pointer items-center">{t.leftOut(leftOut(mirror))}</summary>
      <ul className="grid gap-1 ps-4">
        {mirror.left_out.map((one) => (
          <li key={one.reason} dir="auto">
            {t.reason(one.count, legible(one.reason))}
          </li>
        ))}
      </ul>
    </details>
  );
}

function MirrorActions({ mirror: { id, state, asked }, pair }: { mirror: Mirror; pair: string }) {
  return (
    <div className="flex flex-wrap content-start gap-2">
      {state === "asking" && (
        <>
          <ConfirmButton
            label={t.deleteCopies}
            name={t.deleteCopiesOf(pair)}
            title={t.deleteTitle(asked)}
            action={t.deleteCopies}
            run={() => decideDeletions(id, true)}
          >
            {t.deleteWhy}
          </ConfirmButton>
          <ConfirmButton
            look="plain"
            label={t.keepCopies}
            name={t.keepCopiesOf(pair)}
            title={t.keepCopiesOf(pair)}
            action={t.keepCopies}
            run={() => decideDeletions(id, false)}
          >
            {t.removeWhy}
          </ConfirmButton>
        </>
      )}
      <ConfirmButton
        look="plain"
        label={t.remove}
        name={t.removeOf(pair)}
        title={t.removeTitle(pair)}
        action={t.remove}
        run={() => removeMirror(id)}
      >
        {t.removeWhy}
      </ConfirmButton>
    </div>
  );
}
