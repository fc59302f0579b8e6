import { getRouteApi } from "@tanstack/react-router";
import { type CSSProperties, useState } from "react";
import type { FileItem } from "@/api/client";
import { downloadOf, streamOf, thumbOf } from "@/api/media";
import type { WatchState } from "@/api/watch";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { buttonLook } from "@/parts/button";
import { Art } from "@/parts/frame";
import { hueOf } from "@/parts/hue";
import * as Icon from "@/parts/icons";
import { bytes, extension, heading } from "@/parts/words";
import { tagOf } from "@/player/capability";
import type { Engine } from "@/player/engine";
import { Player } from "@/player/player";
import { beginOf } from "@/player/progress";
import { useTouched } from "@/player/use-touched";

const t = texts("watch", english);
const route = getRouteApi("/watch/$chat/$message");

/** What shows the file, by its type: a player, the picture, or what there is to download. */
export function Stage({
  item,
  watched,
  onEngine,
}: {
  item: FileItem;
  watched: WatchState | null;
  onEngine: (engine: Engine | null) => void;
}) {
  const { t: moment, resume } = route.useSearch();
  const touched = useTouched();
  const [begin] = useState(() =>
    beginOf(watched, {
      t: moment,
      resume,
      touched,
      duration: item.duration,
    }),
  );
  const tag = tagOf(item.mime_type);
  if (tag === "img") return <Picture item={item} />;
  if (tag === null) return <Plain item={item} />;
  const cover = tag === "audio" ? <Cover item={item} /> : undefined;
  return <Player item={item} begin={begin} watched={watched} cover={cover} onEngine={onEngine} />;
}

function Cover({ item }: { item: FileItem }) {
  const source = thumbOf(item, 640);
  const [failed, fail] = useState(false);
  return (
    <div
      style={{ "--hue": hueOf(heading(item)) } as CSSProperties}
      className="ambient absolute inset-0 grid place-items-center pb-20"
    >
      <div className="relative aspect-square h-full max-h-96 min-h-24 overflow-hidden rounded-lg shadow-(--shadow)">
        {source && !failed ? (
          <img src={source} alt="" className="absolute inset-0 size-full object-cover" onError={() => fail(true)} />
        ) : (
          <Art title={heading(item)} kind={item.kind} />
        )}
      </div>
    </div>
  );
}

function Picture({ item }: { item: FileItem }) {
  const [failed, fail] = useState(false);
  const ratio = item.width && item.height ? `${item.width} / ${item.height}` : "16 / 9";
  if (failed) {
    return (
      <Box item={item}>
        <h2 className="text-xl">{t.broken}</h2>
        <p className="max-w-xl text-pretty text-muted">{t.brokenWhy}</p>
        <Download item={item} />
      </Box>
    );
  }
  return (
    <a
      href={streamOf(item)}
      title={t.openWhole}
      className="mx-auto block max-h-[82dvh] max-w-full overflow-hidden rounded-lg bg-raised"
      style={{ aspectRatio: ratio, inlineSize: `min(100%, calc(82dvh * ${ratio}))` }}
    >
      <img
        src={streamOf(item)}
        alt={item.caption || heading(item)}
        className="size-full object-contain"
        onError={() => fail(true)}
      />
    </a>
  );
}

function Plain({ item }: { item: FileItem }) {
  return (
    <Box item={item}>
      <p className="font-serif text-2xl">{extension(item)}</p>
      <p className="text-muted">{t.notShown}</p>
      <Download item={item} />
    </Box>
  );
}

function Box({ item, children }: { item: FileItem; children: React.ReactNode }) {
  return (
    <section
      style={{ "--hue": hueOf(heading(item)) } as CSSProperties}
      className="ambient grid aspect-video max-h-[60dvh] w-full place-content-center justify-items-center gap-4 rounded-lg p-6 text-center max-sm:rounded-none"
    >
      {children}
    </section>
  );
}

const Download = ({ item }: { item: FileItem }) => (
  <a className={buttonLook("strong")} href={downloadOf(item)} download>
    <Icon.Download aria-hidden />
    {t.downloadSize(bytes(item.size))}
  </a>
);
