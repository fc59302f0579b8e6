import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { facetsQuery } from "@/api/catalog";
import type { Version, WorkTree } from "@/api/client";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import * as Icon from "@/parts/icons";
import { MoreButton } from "@/parts/item-menu";
import { bytes, day, duration, legible } from "@/parts/words";
import { languagesOf, qualityOf, wayName } from "./describe";
import { Way } from "./versions";

const t = texts("work", english);
const OPEN = 4; // as many files are shown without being asked for

/** The names of the channels that hold a work. */
export function useChannels(key: string): (chat: number) => string {
  const chats = useQuery(facetsQuery({ work: key })).data?.chats ?? [];
  return (chat) => legible(chats.find((one) => one.value === chat)?.title ?? "");
}

/** Each file with what is known of it. */
export function Files({ work, files, reading }: { work: WorkTree; files: readonly Version[]; reading: boolean }) {
  const channel = useChannels(work.key);
  return (
    <section className="edge py-4">
      <details open={files.length <= OPEN} className="group">
        <summary className="flex min-h-11 w-fit cursor-pointer list-none items-center rounded-sm font-serif text-xl font-semibold">
          <h2>{t.files}</h2>
          <Icon.ChevronDown aria-hidden className="ms-2 size-5 text-muted transition-transform group-open:rotate-180" />
        </summary>
        {!work.complete && <p className="py-2 text-warn">{t.incomplete}</p>}
        <ul className="grid gap-3 pt-2 lg:grid-cols-2">
          {files.map((file) => (
            <File key={file.file_unique_id} file={file} channel={channel(file.chat_id)} reading={reading} />
          ))}
        </ul>
      </details>
    </section>
  );
}

function File({ file, channel, reading }: { file: Version; channel: string; reading: boolean }) {
  const codec = [qualityOf(file), legible(file.facts?.codec ?? ""), ...(file.plays?.codecs ?? [])];
  return (
    <li className="relative min-w-0 rounded-md bg-surface p-4 [contain-intrinsic-size:auto_13rem] [content-visibility:auto]">
      <h3 className="pe-12 font-sans font-medium wrap-anywhere">
        <bdi>{legible(file.name)}</bdi>
      </h3>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 pt-2 text-sm">
        <Fact name={t.quality}>{codec.filter(Boolean).join(" · ")}</Fact>
        <Fact name={t.languages}>{languagesOf([file]).join(", ")}</Fact>
        <Fact name={t.duration}>{file.duration ? duration(file.duration) : ""}</Fact>
        <Fact name={t.size}>{bytes(file.size)}</Fact>
        <Fact name={t.here}>{file.plays && <Way {...wayName({ parts: [file] }, reading)} />}</Fact>
        <Fact name={t.channel}>{channel}</Fact>
        <Fact name={t.posted}>{day(file.date)}</Fact>
      </dl>
      <div className="absolute end-1 top-1">
        <MoreButton item={file} />
      </div>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">
        <bdi>{children}</bdi>
      </dd>
    </>
  );
}
