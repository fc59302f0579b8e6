import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { ask, client, type FileItem } from "@/api/client";
import { downloadOf } from "@/api/media";
import { queries } from "@/api/query";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { Button, buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { bytes, isSound } from "@/parts/words";
import { tagOf } from "@/player/capability";
import type { Engine } from "@/player/engine";
import { OpenIn } from "./open-in";

const Phone = lazy(() => import("./phone"));
const t = texts("watch", english);

/** What can be done with the file. */
export function Actions({ item, engine }: { item: FileItem; engine: Engine | null }) {
  const [phone, show] = useState(false);
  const plays = tagOf(item.mime_type) === "video" || isSound(item.kind);
  return (
    <>
      <fieldset aria-label={t.actions} className="m-0 flex min-w-0 flex-wrap gap-2 border-0 p-0">
        <FavouriteButton item={item} />
        <a className={buttonLook()} href={downloadOf(item)} download title={t.downloadSize(bytes(item.size))}>
          <Icon.Download aria-hidden />
          {t.download}
        </a>
        <CopyButton
          label={t.copyLink}
          text={() => location.href.replace(/([?&])t=[^&]*&?/, "$1").replace(/[?&]$/, "")}
        />
        {plays && <OpenIn item={item} time={() => engine?.store.get().time ?? 0} />}
        <Button aria-expanded={phone} onClick={() => show(!phone)}>
          <Icon.Qr aria-hidden />
          {t.phone}
        </Button>
      </fieldset>
      {phone && (
        <Suspense>
          <Phone address={location.href} />
        </Suspense>
      )}
    </>
  );
}

function FavouriteButton({ item }: { item: FileItem }) {
  const change = useMutation({
    mutationFn: (on: boolean) => {
      const params = { params: { path: { chat_id: item.chat_id, message_id: item.message_id } } };
      const path = "/api/favourites/{chat_id}/{message_id}" as const;
      return on ? ask(client().PUT(path, params)) : ask(client().DELETE(path, params));
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["favourites"] });
      void queries.invalidateQueries({ queryKey: ["catalog", item.chat_id, item.message_id] });
    },
  });
  const on = change.isPending ? change.variables : item.favourite;
  return (
    <Button aria-pressed={on} onClick={() => change.mutate(!on)} title={on ? t.unfavourite : t.favourite}>
      <Icon.Favourite aria-hidden className={on ? "fill-current text-accent" : ""} />
      <span className="max-sm:sr-only">{on ? t.unfavourite : t.favourite}</span>
    </Button>
  );
}

/** Copies a text; where the browser does not allow that, shows it to be copied by hand. */
export function CopyButton({
  label,
  text,
  look = "plain",
}: {
  label: string;
  text: () => string;
  look?: "plain" | "ghost";
}) {
  const [state, set] = useState<"" | "copied" | "refused">("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      set("copied");
      setTimeout(() => set(""), 1600);
    } catch {
      set("refused");
    }
  };
  if (state === "refused") {
    return (
      <input
        readOnly
        value={text()}
        aria-label={label}
        onFocus={(event) => event.target.select()}
        className="h-11 w-full min-w-0 rounded-md bg-raised px-3"
        dir="ltr"
      />
    );
  }
  return (
    <Button look={look} onClick={copy}>
      {state ? <Icon.Check aria-hidden /> : <Icon.LinkIcon aria-hidden />}
      <span aria-live="polite">{state ? t.copied : label}</span>
    </Button>
  );
}
