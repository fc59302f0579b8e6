import { useMutation } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { addFeed, type NewFeed, type Tried, tryFeed } from "@/api/feeds";
import { count, texts } from "@/i18n";
import { leech as english } from "@/i18n/en/leech";
import { Check } from "@/pages/manage/check";
import { Button } from "@/parts/button";
import { SelectField, TextField } from "@/parts/field";
import { legible } from "@/parts/words";
import { type Draft, EMPTY, EVERY, everyName, feedOf, whyNot } from "./feed-words";

const t = texts("leech", english);

/** Follows a feed, after a look at what would be taken of it. `close` is told what is to be said. */
export function NewFeedForm({ close }: { close: (said: string) => void }) {
  const [draft, set] = useState(EMPTY);
  const [wrong, setWrong] = useState("");
  const said = useId();
  const trying = useMutation({ mutationFn: ({ address, ...rules }: NewFeed) => tryFeed(address, rulesIn(rules)) });
  const adding = useMutation({
    mutationFn: addFeed,
    onSuccess: (isNew) => close(isNew ? t.feedAdded : t.feedIsThere),
  });
  const change = (part: Partial<Draft>) => {
    set((before) => ({ ...before, ...part }));
    setWrong("");
  };
  const run = (work: (feed: NewFeed) => void) => {
    if (trying.isPending || adding.isPending) return;
    const asked = feedOf(draft);
    setWrong(asked.wrong);
    if (!asked.wrong) work(asked.feed);
  };
  const failure = wrong || adding.error?.message || trying.error?.message || "";
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        run((feed) => adding.mutate(feed));
      }}
    >
      <Fields draft={draft} change={change} wrong={wrong === t.feedNoAddress} said={said} />
      <p id={said} role={failure ? "alert" : "status"} className={failure ? "text-danger" : "text-muted"}>
        {failure || (trying.isPending ? t.feedTrying : "")}
      </p>
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={() => close("")}>{t.feedBack}</Button>
        <Button aria-disabled={trying.isPending} onClick={() => run((feed) => trying.mutate(feed))}>
          {t.feedTry}
        </Button>
        <Button type="submit" look="strong" aria-disabled={adding.isPending}>
          {t.feedFollow}
        </Button>
      </div>
      {trying.data && !trying.isPending && <TriedList tried={trying.data} />}
    </form>
  );
}

const rulesIn = ({ include, exclude, prefer, pages }: Omit<NewFeed, "address">) => ({
  include,
  exclude,
  prefer,
  pages,
});

type Part = { draft: Draft; change: (part: Partial<Draft>) => void; wrong: boolean; said: string };

function Fields({ draft, change, wrong, said }: Part) {
  return (
    <>
      <TextField
        label={t.feedAddress}
        value={draft.address}
        dir="ltr"
        inputMode="url"
        autoFocus
        spellCheck={false}
        autoCapitalize="off"
        placeholder="https://example.org/rss"
        aria-invalid={wrong}
        aria-describedby={said}
        onChange={({ target }) => change({ address: target.value })}
      />
      <TextField
        label={t.feedInclude}
        value={draft.include}
        onChange={({ target }) => change({ include: target.value })}
      />
      <TextField
        label={t.feedExclude}
        value={draft.exclude}
        onChange={({ target }) => change({ exclude: target.value })}
      />
      <TextField
        label={t.feedPrefer}
        value={draft.prefer}
        placeholder="1080p, 720p"
        onChange={({ target }) => change({ prefer: target.value })}
      />
      <SelectField
        label={t.feedHowOften}
        value={draft.every}
        options={EVERY.map((seconds) => ({ value: String(seconds), name: everyName(seconds) }))}
        change={(every) => change({ every })}
      />
      <div className="grid">
        <Check checked={draft.existing} set={(existing) => change({ existing })}>
          {t.feedExisting}
        </Check>
        <Check checked={draft.titles} set={(titles) => change({ titles })}>
          {t.feedTitles}
        </Check>
        <Check checked={draft.pages} set={(pages) => change({ pages })}>
          {t.feedPages}
        </Check>
      </div>
    </>
  );
}

/** What would be taken of a feed, and why not the rest. */
function TriedList({ tried }: { tried: Tried }) {
  const taken = tried.items.filter((item) => item.taken).length;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    void section.current?.scrollIntoView({ block: "start" }); // newer browsers return a promise
  }, []);
  return (
    <section ref={section} aria-label={t.feedTried} className="grid gap-2">
      <p role="status">{t.feedWouldTake(count(taken), count(tried.items.length + tried.more))}</p>
      <ul className="grid *:border-t *:border-line *:py-2">
        {tried.items.map((item, at) => (
          <li key={at} className="grid gap-0.5">
            <p dir="auto" className={`as-parent line-clamp-2 wrap-anywhere ${item.taken ? "" : "text-muted"}`}>
              {legible(item.title || item.address || t.feedUntitled)}
            </p>
            <p className={`text-sm ${item.taken ? "text-ok" : "text-muted"}`}>
              {item.taken ? t.feedWould : whyNot(item)}
            </p>
          </li>
        ))}
      </ul>
      {tried.more > 0 && <p className="text-muted">{t.feedMore(tried.more)}</p>}
    </section>
  );
}
