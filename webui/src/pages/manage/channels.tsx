import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Chat, chatsQuery, serveChat } from "@/api/chats";
import { may, useMe } from "@/api/me";
import { failureOf } from "@/api/problem";
import { walksQuery } from "@/api/walks";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { ConfirmButton } from "@/parts/confirm";
import { Moment } from "@/parts/moment";
import { Failure } from "@/parts/notice";
import { Nothing, Panel, Rows } from "@/parts/panel";
import { Skeleton } from "@/parts/skeleton";
import { legible, visible } from "@/parts/words";
import { chatCountsQuery } from "./names";
import { NewWalk } from "./new-walk";
import { WalkActions, WalkState } from "./walk";
import { type ChatRow, rowsOf } from "./walks";

const t = texts("manage", english);

/** The channels whose files are in the library, how far their histories are read, and those that wait for a word. */
export function ChannelsSection() {
  const me = useMe();
  const chats = useQuery({ ...chatsQuery, enabled: may(me, "people") });
  const walks = useQuery(walksQuery);
  const counts = useQuery(chatCountsQuery);
  const failed = failureOf(walks) ?? failureOf(chats);
  if (failed) return <Failure error={failed} again={() => [chats.refetch(), walks.refetch()]} />;
  if (!walks.data || (may(me, "people") && !chats.data)) return <Skeleton className="h-64 rounded-lg" />;
  const offered = chats.data?.items.filter((one) => !one.served) ?? [];
  const rows = rowsOf(chats.data?.items ?? [], walks.data.walks, counts.data ?? []);
  return (
    <>
      {offered.length > 0 && (
        <Panel title={t.offered} lead={t.offeredLead}>
          <Rows label={t.offered}>
            {offered.map((chat) => (
              <Offered key={chat.chat_id} chat={chat} />
            ))}
          </Rows>
        </Panel>
      )}
      <Panel title={t.served} lead={t.servedLead}>
        {rows.length ? (
          <Rows label={t.served}>
            {rows.map((row) => (
              <ServedRow key={row.id} row={row} />
            ))}
          </Rows>
        ) : (
          <Nothing>{t.noServed}</Nothing>
        )}
      </Panel>
      {may(me, "index") && <NewWalk />}
    </>
  );
}

function ServedRow({ row }: { row: ChatRow }) {
  const index = may(useMe(), "index");
  return (
    <li className="grid gap-x-6 gap-y-2 md:grid-cols-[1fr_auto]">
      <div className="grid min-w-0 gap-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <Link
            to="/channels/$chat"
            params={{ chat: String(row.id) }}
            dir="auto"
            className="inline-flex min-h-11 min-w-11 items-center font-medium hover:underline"
          >
            <span className="line-clamp-2 wrap-anywhere">{legible(row.title)}</span>
          </Link>
          <span className="text-sm text-muted">{row.files !== null && t.files(row.files)}</span>
        </p>
        <WalkState row={row} />
      </div>
      {index && <WalkActions row={row} />}
    </li>
  );
}

function Offered({ chat }: { chat: Chat }) {
  const title = visible(chat.title) ? legible(chat.title) : String(chat.chat_id);
  const by = chat.added_by && visible(chat.added_by.name) ? t.addedBy(legible(chat.added_by.name)) : t.addedBySomebody;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2">
      <div className="me-auto min-w-0">
        <p dir="auto" className="line-clamp-2 font-medium wrap-anywhere">
          {title}
        </p>
        <p className="text-sm text-muted">
          <span dir="auto">{by}</span> {chat.added_at ? <Moment unix={chat.added_at} /> : null}
        </p>
      </div>
      <ConfirmButton
        look="plain"
        label={t.serve}
        name={`${t.serve}: ${title}`}
        title={t.serveTitle(title)}
        action={t.serve}
        run={() => serveChat(chat.chat_id)}
      >
        {t.serveWhy}
      </ConfirmButton>
    </li>
  );
}
