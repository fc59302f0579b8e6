import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { type Filters, filtersOf } from "@/api/catalog";
import type { Item, Kind } from "@/api/client";
import { histogramQuery } from "@/api/windows";
import { texts } from "@/i18n";
import { photos as english } from "@/i18n/en/photos";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { chipLook } from "@/parts/choice";
import { cleared } from "@/parts/facet-groups";
import { ListLightbox } from "@/parts/lightbox";
import { ListPage, useListSearch } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { PhotoCell } from "./cell";
import { monthsAt } from "./months";

const t = texts("photos", english);
const s = texts("shell", shellEnglish);

const KINDS = ["photo", "animation", "video_note", "sticker"] as const;
type Picture = (typeof KINDS)[number];
const GROUPS = ["chat", "year", "tag"] as const;

const pictureOf = (kind: Kind | undefined): Picture => KINDS.find((one) => one === kind) ?? "photo";

/** Pictures by time, close together; the picture in the address is shown over them. */
export function Photos() {
  const [search, change] = useListSearch();
  const kind = pictureOf(search.kind);
  const fixed: Filters = useMemo(() => ({ kind, sort: undefined, order: undefined }), [kind]);
  const filters = filtersOf(search, fixed);
  const months = useMonths(filters);
  const cell = useCallback(
    (item: Item, index: number) => <PhotoCell item={item} month={months.get(index)} />,
    [months],
  );
  return (
    <>
      <ListPage
        title={s.photos}
        fixed={fixed}
        groups={GROUPS}
        sortable={false}
        renders={{ grid: cell, compact: cell }}
        layouts={{ grid: { kind: "squares" }, compact: { kind: "squares", least: 96 } }}
        empty={<Notice title={kind === "photo" ? t.none : t.noneOther}>{t.noneWhy}</Notice>}
      >
        <Kinds
          kind={kind}
          choose={(next) => change({ kind: next === "photo" ? undefined : next, ...cleared(GROUPS) })}
        />
      </ListPage>
      <ListLightbox filters={filters} />
    </>
  );
}

function Kinds({ kind, choose }: { kind: Picture; choose: (kind: Picture) => void }) {
  return (
    <fieldset className="edge flex min-w-0 gap-2 overflow-x-auto pb-2 [scrollbar-width:none]">
      <legend className="sr-only">{t.kinds}</legend>
      {KINDS.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === kind}
          onClick={() => choose(one)}
          className={chipLook(one === kind)}
        >
          {t[one]}
        </button>
      ))}
    </fieldset>
  );
}

/** The name of each month, by the place of its first picture. */
function useMonths(filters: Filters): ReadonlyMap<number, string> {
  const buckets = useQuery(histogramQuery(filters)).data?.buckets;
  return useMemo(() => monthsAt(buckets ?? []), [buckets]);
}
