import { useMutation } from "@tanstack/react-query";
import { startWalk } from "@/api/walks";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import { duration, legible } from "@/parts/words";
import { percent } from "./numbers";
import { type ChatRow, isUnderWay, share } from "./walks";

const t = texts("manage", english);

/** How far the history of a channel is read; changes by itself. */
export function WalkState({ row: { walk, title } }: { row: ChatRow }) {
  if (!walk) return <p className="text-sm text-muted">{t.notRead}</p>;
  const names = {
    queued: t.queued,
    walking: t.walking,
    waiting: t.walkWaiting,
    finished: t.finished(walk.files),
    failed: t.failed,
  };
  const left = walk.remaining_seconds;
  return (
    <div className="grid gap-1.5 text-sm text-muted">
      <p className="flex flex-wrap gap-x-2 tabular-nums">
        <span className={walk.state === "failed" ? "text-danger" : walk.state === "finished" ? "text-ok" : "text-text"}>
          {names[walk.state]}
        </span>
        {isUnderWay(walk) && walk.top > 0 && (
          <>
            <span>{percent(share(walk))}</span>
            <span>{t.walkDone(walk.done, walk.top)}</span>
            <span>{t.walkFound(walk.files)}</span>
            {left !== null && <span>{t.walkLeft(duration(left))}</span>}
          </>
        )}
      </p>
      {isUnderWay(walk) && (
        <progress
          max={1}
          value={share(walk)}
          aria-label={t.progress(legible(title))}
          className="h-1.5 w-full max-w-md appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-raised [&::-webkit-progress-value]:bg-accent"
        />
      )}
      {walk.detail && (
        <p dir="auto" className="wrap-anywhere">
          {legible(walk.detail)}
        </p>
      )}
    </div>
  );
}

/** Reads the history, what has come since or all of it anew. */
export function WalkActions({ row: { id, title, walk } }: { row: ChatRow }) {
  const reading = useMutation({ mutationFn: () => startWalk(id, false) });
  const name = legible(title);
  const words = walk?.state === "failed" ? t.tryAgain : t.readNew;
  return (
    <div className="grid content-start gap-1 md:justify-items-end">
      <div className="flex flex-wrap gap-2">
        <Button
          disabled={isUnderWay(walk) || reading.isPending}
          aria-label={`${words}: ${name}`}
          onClick={() => reading.mutate()}
        >
          {words}
        </Button>
        {!isUnderWay(walk) && (
          <ConfirmButton
            look="plain"
            label={t.readAll}
            name={`${t.readAll}: ${name}`}
            title={t.readAllTitle(name)}
            action={t.readAll}
            run={() => startWalk(id, true)}
          >
            {t.readAllWhy}
          </ConfirmButton>
        )}
      </div>
      {reading.isError && (
        <p role="alert" className="text-sm text-danger">
          {reading.error.message}
        </p>
      )}
    </div>
  );
}
