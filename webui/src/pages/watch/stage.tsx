import { getRouteApi, Link } from "@tanstack/react-router";
import { type CSSProperties, lazy, type ReactNode, Suspense, useState } from "react";
import type { Item } from "@/api/client";
import { downloadOf, streamOf, thumbOf } from "@/api/media";
import type { WatchState } from "@/api/watch";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";
import { buttonLook } from "@/parts/button";
import { kindOf } from "@/parts/document/kind";
import { Art, Frame } from "@/parts/frame";
import { hueOf } from "@/parts/hue";
import * as Icon from "@/parts/icons";
import { ItemsLightbox, noteOpened, photoSearch } from "@/parts/lightbox";
import { numberOf } from "@/parts/next-to-play";
import { Skeleton } from "@/parts/skeleton";
import { bytes, extension, heading } from "@/parts/words";
import { tagOf } from "@/player/capability";
import type { Engine } from "@/player/engine";
import type { VersionChoice } from "@/player/panels";
import { Player } from "@/player/player";
import { beginOf } from "@/player/progress";
import { useTouched } from "@/player/use-touched";
import { versionLine } from "./around";
import { useGo, type Work } from "./use-work";

const DocumentView = lazy(() => import("@/parts/document-view").then((found) => ({ default: found.DocumentView })));
const t = texts("watch", english);
const route = getRouteApi("/watch/$chat/$message");

const SHOWN_WHOLE: ReadonlySet<string> = new Set(["pdf", "text", "markdown", "json", "table", "subtitles", "picture"]);

type StageProps = {
  item: Item;
  watched: WatchState | null;
  work: Work;
  downloads: boolean;
  onEngine: (engine: Engine | null) => void;
};

/** What shows the file, by its type: a player, the picture, or what there is to download. */
export function Stage(props: StageProps) {
  const { item } = props;
  const tag = tagOf(item.mime_type);
  if (isForDownloads(item)) return <Plain item={item} words={t.linkForDownloads} />;
  if (tag === "img") return <Picture key={item.file_unique_id} item={item} />;
  if (tag === null) {
    const height = SHOWN_WHOLE.has(kindOf(item)) ? "min-h-[70dvh]" : "min-h-80";
    return (
      <div className={`grid ${height} *:min-w-0`}>
        <Suspense fallback={<Skeleton className="size-full rounded-lg" />}>
          <DocumentView key={item.file_unique_id} item={item} />
        </Suspense>
      </div>
    );
  }
  return <Playing {...props} cover={tag === "audio" ? <Cover item={item} /> : undefined} />;
}

/** Whether the link that opened the page only lets files be saved. */
const isForDownloads = (item: Item) => new URL(streamOf(item)).searchParams.has("download");

function Playing({ item, watched, work, downloads, onEngine, cover }: StageProps & { cover: ReactNode }) {
  const { t: moment, resume } = route.useSearch();
  const touched = useTouched(item.file_unique_id);
  const begin = beginOf(watched, { t: moment, resume, touched, duration: item.duration });
  const go = useGo();
  const choices: VersionChoice = {
    value: item.file_unique_id,
    options: work.versions.map((one) => ({
      value: one.file_unique_id,
      name: versionLine(one),
    })),
    choose: (id) => {
      const chosen = work.versions.find((one) => one.file_unique_id === id);
      const time = document.querySelector("video")?.currentTime ?? 0;
      if (chosen) void go(chosen, time > 1 ? { t: Math.floor(time) } : {}, true);
    },
  };
  const following = work.next && {
    name: heading(work.next.file),
    mark: numberOf(work.next.unit),
    frame: <Frame item={work.next.file} width={160} />,
    go: () => work.next && void go(work.next.file),
  };
  return (
    <Player
      item={item}
      begin={begin}
      watched={watched}
      cover={cover}
      versions={choices}
      next={following}
      downloads={downloads}
      onEngine={onEngine}
    />
  );
}

function Cover({ item }: { item: Item }) {
  const source = thumbOf(item, 640);
  const [failed, fail] = useState(false);
  return (
    <div
      style={{ "--hue": hueOf(heading(item)) } as CSSProperties}
      className="ambient absolute inset-0 grid place-items-center pt-4 pb-24"
    >
      <div className="relative aspect-square h-full max-h-96 overflow-hidden rounded-lg shadow-(--shadow)">
        {source && !failed ? (
          <img src={source} alt="" className="absolute inset-0 size-full object-cover" onError={() => fail(true)} />
        ) : (
          <Art title={heading(item)} kind={item.kind} />
        )}
      </div>
    </div>
  );
}

/** The picture; pressed, it fills the window, where it can be zoomed. */
function Picture({ item }: { item: Item }) {
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
    <>
      <Link
        to="."
        search={photoSearch(item)}
        resetScroll={false}
        onClick={() => noteOpened(item)}
        title={t.openWhole}
        className="mx-auto block max-h-[82dvh] max-w-full overflow-hidden rounded-lg bg-raised max-sm:rounded-none"
        style={{ aspectRatio: ratio, inlineSize: `min(100%, calc(82dvh * ${ratio}))` }}
      >
        <img
          src={streamOf(item)}
          alt={item.caption || heading(item)}
          className="size-full object-contain"
          onError={() => fail(true)}
        />
      </Link>
      <ItemsLightbox items={[item]} />
    </>
  );
}

function Plain({ item, words }: { item: Item; words: string }) {
  return (
    <Box item={item}>
      <p className="font-serif text-2xl">{extension(item)}</p>
      <p className="text-muted">{words}</p>
      <Download item={item} />
    </Box>
  );
}

function Box({ item, children }: { item: Item; children: React.ReactNode }) {
  return (
    <section
      style={{ "--hue": hueOf(heading(item)) } as CSSProperties}
      className="ambient grid aspect-video max-h-[60dvh] w-full place-content-center justify-items-center gap-4 rounded-lg p-6 text-center max-sm:rounded-none"
    >
      {children}
    </section>
  );
}

const Download = ({ item }: { item: Item }) => (
  <a className={buttonLook("strong")} href={downloadOf(item)} download>
    <Icon.Download aria-hidden />
    {t.downloadSize(bytes(item.size))}
  </a>
);
