import { useQuery } from "@tanstack/react-query";
import { type DragEvent, type ReactNode, useState } from "react";
import type { Item } from "@/api/client";
import { makeCollection } from "@/api/collecting";
import { type CollectionItem, collectionsQuery } from "@/api/collections";
import { fileQuery } from "@/api/facts";
import { queries } from "@/api/query";
import { workHere } from "@/api/works";
import { locale, texts } from "@/i18n";
import { collections as english } from "@/i18n/en/collections";
import * as Icon from "@/parts/icons";
import { collect, tell } from "@/parts/item-actions";
import { bestCut, unitsOf } from "@/parts/next-to-play";
import { day, legible } from "@/parts/words";
import type { Dragged } from "./dragged";

const t = texts("collections", english);

/** The files that are dragged: of a work the best version of each film or episode. */
async function filesOf(dragged: Dragged): Promise<Item[]> {
  if ("chat" in dragged) return [await queries.ensureQueryData(fileQuery(dragged.chat, dragged.message))];
  return unitsOf(await workHere(dragged.work)).flatMap((unit) => bestCut(unit.cuts)?.parts ?? []);
}

/** Where dragged files are dropped. For the pointer alone: menus do the same by "Add to a collection". */
export default function DropTray({ dragged, dropped }: { dragged: Dragged; dropped: () => void }) {
  const collections = useQuery(collectionsQuery).data ?? [];
  const add = async (to: () => Promise<Pick<CollectionItem, "id" | "name">>) => {
    dropped();
    try {
      const files = await filesOf(dragged);
      await collect(files, await to());
    } catch (error) {
      tell(error);
    }
  };
  return (
    <aside
      aria-label={t.dropTitle}
      className="fixed inset-y-4 end-4 z-40 flex w-72 max-w-[60vw] flex-col gap-2 rounded-lg bg-surface p-3 shadow-(--shadow) transition-opacity duration-180 starting:opacity-0"
    >
      <h2 className="px-1 text-lg">{t.dropTitle}</h2>
      <Place
        drop={() =>
          add(() => makeCollection(t.dropName(`${day(Date.now() / 1000)}, ${new Date().toLocaleTimeString(locale())}`)))
        }
      >
        <Icon.Plus aria-hidden />
        {t.dropNew}
      </Place>
      <div className="grid min-h-0 content-start gap-2 overflow-y-auto">
        {collections.map((one) => (
          <Place key={one.id} drop={() => add(async () => one)}>
            <Icon.Collect aria-hidden />
            <bdi className="line-clamp-2 min-w-0 flex-1 wrap-anywhere">{legible(one.name)}</bdi>
            <span className="text-sm text-muted">{t.files(one.files)}</span>
          </Place>
        ))}
      </div>
    </aside>
  );
}

function Place({ drop, children }: { drop: () => void; children: ReactNode }) {
  const [over, set] = useState(false);
  const enter = (event: DragEvent) => {
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    set(true);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop on has no role
    <div
      onDragEnter={enter}
      onDragOver={enter}
      onDragLeave={() => set(false)}
      onDrop={(event) => {
        event.preventDefault();
        drop();
      }}
      className={`flex min-h-14 items-center gap-3 rounded-md border-2 border-dashed px-3 transition-colors [&_svg]:size-5 [&_svg]:shrink-0 ${over ? "border-accent bg-hover" : "border-line bg-raised"}`}
    >
      {children}
    </div>
  );
}
