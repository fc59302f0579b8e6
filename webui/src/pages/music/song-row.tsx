import type { Item } from "@/api/client";
import { count, texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { pause, playTracks, resume } from "@/music/control";
import { enqueue } from "@/music/edit";
import { useIsCurrent, usePlaying } from "@/music/use";
import { IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { MoreButton, menuAt } from "@/parts/item-menu";
import { Tile } from "@/parts/tile";
import { toast } from "@/parts/toasts";
import { clock, day, heading, legible } from "@/parts/words";

const t = texts("music", english);

export const ROW = 60;

type Props = { songs: readonly Item[]; index: number; number?: boolean; line?: string };

/** A song in a list: pressed, it plays and the others of the list follow. */
export function SongRow({ songs, index, number = false, line }: Props) {
  const song = songs[index];
  return song ? <Row song={song} songs={songs} index={index} number={number} line={line} /> : null;
}

function Row({ song, songs, index, number, line }: Props & { song: Item }) {
  const current = useIsCurrent(song.chat_id, song.message_id);
  const sounds = usePlaying() && current;
  const name = heading(song);
  const press = () => (sounds ? pause() : current ? void resume() : playTracks(songs, index));
  const add = () => {
    enqueue([song]);
    toast(t.enqueued(1));
  };
  const extra = [
    { name: t.playNext, run: () => enqueue([song], true) },
    { name: t.enqueue, run: add },
  ];
  const below = line ?? (song.kind === "voice" ? day(song.date) : legible(song.performer) || t.unknownArtist);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the menu is also behind its button
    <div
      onContextMenu={menuAt(song, extra)}
      className={`group relative flex h-14 items-center gap-3 rounded-md px-2 hover:bg-raised ${current ? "bg-raised text-accent" : ""}`}
    >
      <span className="relative grid w-11 shrink-0 place-items-center">
        {number ? (
          <span className="text-muted tabular-nums group-hover:opacity-0">{count(index + 1)}</span>
        ) : (
          <Tile item={song} />
        )}
        <span
          aria-hidden
          className={`absolute inset-0 grid place-items-center rounded-sm group-hover:opacity-100 group-focus-within:opacity-100 [&_svg]:size-5 [&_svg]:fill-current ${number ? "" : "bg-black/50 text-white"} ${current ? (number ? "bg-raised" : "") : "opacity-0"}`}
        >
          {sounds ? <Icon.Pause strokeWidth={1} /> : <Icon.Play strokeWidth={1} />}
        </span>
      </span>
      <button
        type="button"
        onClick={press}
        aria-current={current || undefined}
        className="grid min-w-0 flex-1 text-start after:absolute after:inset-0 after:rounded-md"
      >
        <span className="sr-only">{sounds ? t.pause : t.play}</span>
        <span dir="auto" className="truncate font-medium as-parent">
          {name}
        </span>
        {below && (
          <span dir="auto" className="truncate text-sm text-muted as-parent">
            {below}
          </span>
        )}
      </button>
      <span className="text-sm text-muted tabular-nums">{song.duration ? clock(song.duration) : ""}</span>
      <IconButton label={t.enqueueOf(name)} onClick={add} className="relative z-10 max-sm:hidden">
        <Icon.Enqueue aria-hidden />
      </IconButton>
      <MoreButton item={song} extra={extra} className="relative z-10" />
    </div>
  );
}
