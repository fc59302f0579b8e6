import type { Version, WorkTree } from "@/api/client";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { IconButton } from "@/parts/button";
import { copied } from "@/parts/copy";
import * as Icon from "@/parts/icons";
import { favour } from "@/parts/item-actions";
import { MoreButton, openItemDialog } from "@/parts/item-menu";
import { bestCut, type Cut, type Next, unitsOf } from "@/parts/next-to-play";
import { toast } from "@/parts/toasts";

const t = texts("work", english);

/** What can be done with the work beside playing it. Of a series: with its next episode, or with all of them. */
export function Actions({ work, next, cut }: { work: WorkTree; next: Next<Version>; cut: Cut<Version> }) {
  const me = useMe();
  const [file] = cut.parts;
  const all = work.series ? unitsOf(work).flatMap((unit) => bestCut(unit.cuts)?.parts ?? []) : cut.parts;
  const share = async () => {
    const { chat_id, message_id } = file;
    if (!work.series && may(me, "links", "links")) {
      return openItemDialog({ what: "link", target: { chat_id, message_id }, name: work.title });
    }
    if (await copied(location.href)) toast(t.copied);
    else toast(t.notCopied, { tone: "danger" });
  };
  return (
    <>
      <IconButton
        label={next.file.favourite ? t.unfavour : t.favour}
        aria-pressed={next.file.favourite}
        onClick={() => void favour(next.file)}
      >
        <Icon.Favourite aria-hidden className={next.file.favourite ? "fill-accent text-accent" : ""} />
      </IconButton>
      <IconButton label={t.collect} onClick={() => openItemDialog({ what: "collect", items: all })}>
        <Icon.Collect aria-hidden />
      </IconButton>
      <IconButton label={t.share} onClick={() => void share()}>
        <Icon.Share aria-hidden />
      </IconButton>
      <MoreButton item={file} />
    </>
  );
}
