import type { FileItem } from "@/api/client";
import { downloadOf } from "@/api/media";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { Button, buttonLook } from "@/parts/button";
import { CopyButton } from "@/parts/copy";
import * as Icon from "@/parts/icons";
import { favour } from "@/parts/item-actions";
import { MoreButton, openItemDialog } from "@/parts/item-menu";
import { isPlayable } from "@/parts/item-menu/wish";
import { bytes, heading, isSound } from "@/parts/words";
import { tagOf } from "@/player/capability";
import { InCall } from "./in-call";
import { OpenIn } from "./open-in";
import { pageAddress } from "./page-address";

const t = texts("watch", english);

/** What can be done with the file. `downloads`: whether the link that opened the page allows that. */
export function Actions({ item, downloads }: { item: FileItem; downloads: boolean }) {
  const plays = tagOf(item.mime_type) === "video" || isSound(item.kind);
  const page = pageAddress(location.href);
  return (
    <fieldset aria-label={t.actions} className="m-0 flex min-w-0 flex-wrap gap-2 border-0 p-0">
      <Button
        aria-pressed={item.favourite}
        onClick={() => void favour(item)}
        title={item.favourite ? t.unfavourite : t.favourite}
      >
        <Icon.Favourite aria-hidden className={item.favourite ? "fill-current text-accent" : ""} />
        {t.favouriteShort}
      </Button>
      <Button onClick={() => openItemDialog({ what: "collect", items: [item] })}>
        <Icon.Collect aria-hidden />
        {t.collect}
      </Button>
      {downloads && (
        <a className={buttonLook()} href={downloadOf(item)} download title={t.downloadSize(bytes(item.size))}>
          <Icon.Download aria-hidden />
          {t.download}
        </a>
      )}
      {isSound(item.kind) && (
        <Button onClick={() => void handOver(item)}>
          <Icon.Queue aria-hidden />
          {t.keepPlaying}
        </Button>
      )}
      {isPlayable(item) && <InCall item={item} />}
      {plays && <OpenIn item={item} />}
      <CopyButton label={t.copyLink} words={t.copyLink} text={page} />
      <Button onClick={() => openItemDialog({ what: "qr", address: page, name: heading(item) })}>
        <Icon.Qr aria-hidden />
        {t.phone}
      </Button>
      <MoreButton item={item} />
    </fieldset>
  );
}

/** The song is played by the music player, whose bar stays while other pages are looked at. */
async function handOver(item: FileItem): Promise<void> {
  const { playTracks } = await import("@/music/control");
  playTracks([item]);
}
