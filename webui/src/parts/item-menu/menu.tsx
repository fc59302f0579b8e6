import { useNavigate } from "@tanstack/react-router";
import { type ComponentProps, useState } from "react";
import { address, pageToken } from "@/api/address";
import type { Item } from "@/api/client";
import { may, useMe } from "@/api/me";
import { downloadOf, playerAddress } from "@/api/media";
import { setWatched } from "@/api/personal";
import { texts } from "@/i18n";
import { calls } from "@/i18n/en/calls";
import { item as english } from "@/i18n/en/item";
import { shell } from "@/i18n/en/shell";
import { platformOf, playersFor, playlistOf } from "@/parts/players";
import { watchLink } from "../card";
import { copied } from "../copy";
import * as Icon from "../icons";
import { favour, hide, mark, tell } from "../item-actions";
import { Menu, MenuEntry, MenuLine, MenuLink } from "../menu";
import { toast } from "../toasts";
import { clock, titleOf } from "../words";
import { save } from "./save";
import { type Asked, ask, backTo } from "./store";
import { isPlayable } from "./wish";

const t = texts("item", english);
const c = texts("calls", calls);
const common = texts("shell", shell);

/** The menu of an item, beside its button or where it was pressed. */
export function ItemMenu({ item, at, extra = [] }: Extract<Asked, { what: "menu" }>) {
  const [players, showPlayers] = useState(false);
  const name = titleOf(item);
  return (
    <Menu key={String(players)} anchor={at} label={common.moreOf(name)} title={name} close={close}>
      {players ? (
        <Players item={item} back={() => showPlayers(false)} />
      ) : (
        <>
          <Watching item={item} />
          <MenuLine />
          <Own item={item} />
          <MenuLine />
          <Sharing item={item} players={() => showPlayers(true)} />
          {extra.map((one) => (
            <Entry key={one.name} icon={<Icon.Delete aria-hidden />} run={one.run} danger={one.danger}>
              {one.name}
            </Entry>
          ))}
        </>
      )}
    </Menu>
  );
}

/** Closes the menu; the focus goes back to what opened it. */
function close(): void {
  const to = backTo();
  ask(null);
  to?.focus({ preventScroll: true });
}

/** An entry that closes the menu and does something. */
function Entry({ run, ...rest }: ComponentProps<typeof MenuEntry>) {
  const chosen = () => {
    close();
    run();
  };
  return <MenuEntry run={chosen} {...rest} />;
}

/** Play, resume, start over; and the film or series to which a file belongs. */
function Watching({ item }: { item: Item }) {
  const navigate = useNavigate();
  const me = useMe();
  const plays = item.kind === "video" || item.kind === "audio" || item.kind === "voice" || item.kind === "video_note";
  const begun = item.watched && !item.watched.finished && item.watched.position >= 5 ? item.watched : null;
  const work = pageToken() ? "" : item.facts?.work; // links open files, and no works
  const watch = () => void navigate(watchLink(item));
  const over = () => void setWatched(item, null).then(watch, tell);
  return (
    <>
      <Entry icon={<Icon.Play aria-hidden />} run={watch}>
        {begun ? t.resume(clock(begun.position)) : plays ? t.play : t.open}
      </Entry>
      {begun && (
        <Entry icon={<Icon.StartOver aria-hidden />} run={over}>
          {t.startOver}
        </Entry>
      )}
      {may(me, "voice", "voice") && isPlayable(item) && (
        <Entry
          icon={<Icon.Voice aria-hidden />}
          run={() => ask({ what: "call", item, position: begun?.position ?? 0 })}
        >
          {c.play}…
        </Entry>
      )}
      {work && (
        <Entry
          icon={<Icon.Go aria-hidden className="rtl:-scale-x-100" />}
          run={() => void navigate({ to: "/work/$key", params: { key: work } })}
        >
          {work.startsWith("s:") ? t.allEpisodes : t.allVersions}
        </Entry>
      )}
    </>
  );
}

/** Favourite, collections, watched, hidden. */
function Own({ item }: { item: Item }) {
  const seen = item.watched?.finished === true;
  const film = item.kind === "video" || item.kind === "animation";
  return (
    <>
      <Entry icon={<Icon.Favourite aria-hidden />} run={() => void favour(item)}>
        {item.favourite ? t.unfavour : t.favour}
      </Entry>
      <Entry icon={<Icon.Collect aria-hidden />} run={() => ask({ what: "collect", items: [item] })}>
        {t.collect}
      </Entry>
      {film && (
        <Entry
          icon={seen ? <Icon.Unwatched aria-hidden /> : <Icon.Done aria-hidden />}
          run={() => void mark([item], !seen)}
        >
          {seen ? t.markUnwatched : t.markWatched}
        </Entry>
      )}
      <Entry icon={item.hidden ? <Icon.Show aria-hidden /> : <Icon.Hide aria-hidden />} run={() => void hide(item)}>
        {item.hidden ? t.show : t.hide}
      </Entry>
    </>
  );
}

/** The address of an item's page, as it is handed on. */
export const pageOf = (item: Item) =>
  new URL(address(`/watch/${item.chat_id}/${item.message_id}`, { token: watchLink(item).search.token }), location.href)
    .href;

async function handOut(text: string, said: string): Promise<void> {
  if (await copied(text)) toast(said);
  else toast(t.notCopied, { tone: "danger" });
}

function Sharing({ item, players }: { item: Item; players: () => void }) {
  const me = useMe();
  const name = titleOf(item);
  const { chat_id, message_id } = item;
  return (
    <>
      <Entry icon={<Icon.LinkIcon aria-hidden />} run={() => void handOut(pageOf(item), t.copied)}>
        {t.copyLink}
      </Entry>
      {may(me, "links", "links") && (
        <Entry
          icon={<Icon.Share aria-hidden />}
          run={() => ask({ what: "link", target: { chat_id, message_id }, name })}
        >
          {t.makeLink}
        </Entry>
      )}
      <Entry icon={<Icon.Qr aria-hidden />} run={() => ask({ what: "qr", address: pageOf(item), name })}>
        {t.toPhone}
      </Entry>
      <MenuLink icon={<Icon.Download aria-hidden />} href={downloadOf(item)} download run={close}>
        {t.download}
      </MenuLink>
      <MenuEntry icon={<Icon.Open aria-hidden />} run={players}>
        <span className="me-auto">{t.openIn}</span>
        <Icon.ChevronRight aria-hidden className="rtl:-scale-x-100" />
      </MenuEntry>
    </>
  );
}

function Players({ item, back }: { item: Item; back: () => void }) {
  const stream = playerAddress(item);
  const name = titleOf(item);
  const platform = platformOf(navigator.userAgent, navigator.maxTouchPoints);
  return (
    <>
      <MenuEntry icon={<Icon.ChevronLeft aria-hidden className="rtl:-scale-x-100" />} run={back}>
        {t.openIn}
      </MenuEntry>
      <MenuLine />
      {playersFor(stream, name, platform).map((player) => (
        <MenuLink key={player.name} icon={<Icon.Play aria-hidden />} href={player.href} run={close}>
          {player.name}
        </MenuLink>
      ))}
      <Entry
        icon={<Icon.Files aria-hidden />}
        run={() => save(`${item.name}.m3u`, "audio/x-mpegurl", playlistOf(stream, name, item.duration))}
      >
        {t.playlist}
      </Entry>
      <Entry icon={<Icon.Copy aria-hidden />} run={() => void handOut(stream, t.copiedStream)}>
        {t.copyStream}
      </Entry>
    </>
  );
}
