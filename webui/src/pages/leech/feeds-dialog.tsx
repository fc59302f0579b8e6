import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answerFeed, type Feed, feedsQuery, lookAtFeed, removeFeed, type Take } from "@/api/feeds";
import { texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import { Dialog } from "@/parts/dialog";
import * as Icon from "@/parts/icons";
import { Failure } from "@/parts/notice";
import { Nothing, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { legible } from "@/parts/words";
import { NewFeedForm } from "./feed-form";
import { feedName, feedState, NEWEST, rulesOf, takenOf } from "./feed-words";

const t = texts("leech", english);

/** The feeds, and a form for a new one. */
export default function FeedsDialog({ close }: { close: () => void }) {
  const [adding, add] = useState(false);
  const [said, say] = useState("");
  return (
    <Dialog title={adding ? t.feedAdd : t.feeds} close={close} wide>
      <div className="grid gap-4">
        <p role="status" className="text-ok empty:hidden">
          {said}
        </p>
        {adding ? (
          <NewFeedForm
            close={(words) => {
              add(false);
              say(words);
            }}
          />
        ) : (
          <>
            <div>
              <Button look="strong" autoFocus onClick={() => add(true)}>
                <Icon.Plus aria-hidden />
                {t.feedAdd}
              </Button>
            </div>
            <FeedList />
          </>
        )}
      </div>
    </Dialog>
  );
}

function FeedList() {
  const feeds = useQuery(feedsQuery);
  if (feeds.isError && !feeds.data) return <Failure error={feeds.error} again={() => feeds.refetch()} />;
  if (!feeds.data) return <Skeleton className="h-40" />;
  if (!feeds.data.items.length) return <Nothing>{t.feedsEmpty}</Nothing>;
  return (
    <Rows label={t.feeds}>
      {feeds.data.items.map((feed) => (
        <FeedRow key={feed.id} feed={feed} />
      ))}
    </Rows>
  );
}

function FeedRow({ feed }: { feed: Feed }) {
  const name = feedName(feed);
  const rules = rulesOf(feed);
  const look = useMutation({ mutationFn: () => lookAtFeed(feed.id) });
  return (
    <li className="grid gap-2">
      <div className="grid min-w-0 gap-1">
        <p dir="auto" className="as-parent line-clamp-2 font-medium wrap-anywhere">
          {name}
        </p>
        <p className="line-clamp-1 text-sm text-faint wrap-anywhere">
          <bdi dir="ltr">{legible(feed.address)}</bdi>
        </p>
        <p className={`text-sm ${feed.state === "active" ? "text-muted" : "text-warn"}`}>
          {feedState(feed, Date.now() / 1000)} · {takenOf(feed)}
        </p>
        {rules && (
          <p dir="auto" className="as-parent text-sm text-muted wrap-anywhere">
            {rules}
          </p>
        )}
        {feed.error && (
          <p dir="auto" className="as-parent text-sm text-danger wrap-anywhere">
            {legible(feed.error)}
          </p>
        )}
      </div>
      <Question feed={feed} />
      <div className="flex flex-wrap gap-2">
        <Button
          aria-label={t.actionOf(t.feedLook, name)}
          aria-disabled={look.isPending}
          onClick={() => !look.isPending && look.mutate()}
        >
          <Icon.Again aria-hidden />
          {t.feedLook}
        </Button>
        <ConfirmButton
          label={t.feedRemove}
          name={t.actionOf(t.feedRemove, name)}
          title={t.feedRemoveTitle(name)}
          action={t.feedRemove}
          run={() => removeFeed(feed.id)}
        >
          {t.feedRemoveWhy}
        </ConfirmButton>
      </div>
      {look.isError && (
        <p role="alert" className="text-sm text-danger">
          {look.error.message}
        </p>
      )}
    </li>
  );
}

/** Which of many new items are taken. */
function Question({ feed }: { feed: Feed }) {
  const answering = useMutation({ mutationFn: (take: Take) => answerFeed(feed.id, take) });
  if (!feed.question) return null;
  const { count, titles } = feed.question;
  const name = feedName(feed);
  const choices: [Take, string][] = [
    ["all", t.feedTakeAll(count)],
    ...(count > NEWEST ? ([["newest", t.feedTakeNewest(NEWEST)]] as [Take, string][]) : []),
    ["none", t.feedTakeNone],
  ];
  return (
    <div className="grid gap-2 rounded-md bg-raised p-3">
      <p className="text-warn">{t.feedAsks(count)}</p>
      <ul className="grid gap-0.5 text-sm text-muted">
        {titles.slice(0, 3).map((title, at) => (
          <li key={at} dir="auto" className="as-parent line-clamp-1 wrap-anywhere">
            {legible(title)}
          </li>
        ))}
        {count > 3 && <li>{t.feedMore(count - Math.min(3, titles.length))}</li>}
      </ul>
      <div className="flex flex-wrap gap-2">
        {choices.map(([take, label]) => (
          <Button
            key={take}
            className="bg-surface"
            aria-label={t.actionOf(label, name)}
            aria-disabled={answering.isPending}
            onClick={() => !answering.isPending && answering.mutate(take)}
          >
            {label}
          </Button>
        ))}
      </div>
      {answering.isError && (
        <p role="alert" className="text-sm text-danger">
          {answering.error.message}
        </p>
      )}
    </div>
  );
}
