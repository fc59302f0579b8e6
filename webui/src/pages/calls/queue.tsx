import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type Call, type Entry, emptyQueue, orderQueue, removeEntry } from "@/api/calls";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { music } from "@/i18n/en/music";
import { Button } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import { tell } from "@/parts/item-actions";
import { useKeptFocus } from "@/parts/kept-focus";
import { Nothing } from "@/parts/panel";
import { moved, ordered } from "./calls";
import { QueueRow } from "./row";
import { useSorting } from "./sorting";
import { nameOf } from "./words";

const t = texts("calls", english);
const m = texts("music", music);

const AT_ONCE = 50;

/** What comes next: by its grip an entry is dragged, or moved with the keyboard; buttons move it by one. */
export function Queue({ call, title }: { call: Call; title: string }) {
  const section = useRef<HTMLElement>(null);
  useKeptFocus(section);
  return (
    <section ref={section} aria-label={t.queueOf(title)} className="grid gap-2 border-t border-line pt-4">
      <div className="flex min-h-11 flex-wrap items-center gap-x-3">
        <h3 data-list-head tabIndex={-1} className="text-lg">
          {t.queue}
        </h3>
        <p className="me-auto text-sm text-muted">{call.queue.length > 0 && t.entries(call.queue.length)}</p>
        {call.queue.length > 0 && (
          <ConfirmButton
            label={t.clear}
            look="plain"
            title={t.clearTitle(title)}
            action={t.clear}
            run={() => emptyQueue(call.chat_id)}
          >
            {t.clearWhy}
          </ConfirmButton>
        )}
      </div>
      {call.queue.length ? <Entries call={call} title={title} /> : <Nothing>{t.emptyQueue}</Nothing>}
    </section>
  );
}

function Entries({ call, title }: { call: Call; title: string }) {
  const chat = call.chat_id;
  const [most, show] = useState(AT_ONCE);
  const [said, say] = useState("");
  const ordering = useMutation({ mutationFn: (ids: string[]) => orderQueue(chat, ids), onError: tell });
  const queue = ordering.isPending ? ordered(call.queue, ordering.variables) : call.queue;
  const shown = queue.slice(0, most);

  function move(from: number, to: number) {
    const entry = queue[from];
    if (!entry || from === to || to < 0 || to >= queue.length) return;
    ordering.mutate(moved(queue, from, to).map(({ id }) => id));
    say(m.dropped(nameOf(entry), to + 1));
  }
  const remove = (entry: Entry) => void removeEntry(chat, entry.id).then(() => say(m.removed(nameOf(entry))), tell);
  const sorting = useSorting({ of: shown.length, nameAt: (index) => nameOf(shown[index] ?? null), drop: move, say });
  return (
    <>
      <ol aria-label={t.queueOf(title)} className="grid">
        {shown.map((entry, index) => (
          <QueueRow
            key={entry.id}
            entry={entry}
            index={index}
            of={queue.length}
            move={(to) => move(index, to)}
            remove={() => remove(entry)}
            sorting={sorting}
          />
        ))}
      </ol>
      {queue.length > most && (
        <div>
          <Button onClick={() => show(most + AT_ONCE)}>{t.more(Math.min(AT_ONCE, queue.length - most))}</Button>
        </div>
      )}
      <p id="call-queue-move" className="sr-only">
        {m.moveHow}
      </p>
      <p role="status" className="sr-only">
        {said}
      </p>
    </>
  );
}
