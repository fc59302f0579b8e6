import { useInfiniteQuery } from "@tanstack/react-query";
import { filtersOf } from "@/api/catalog";
import type { WorkItem } from "@/api/client";
import { worksPages } from "@/api/lists";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { Choice } from "@/parts/choice";
import { sorted, sortOf, sortOptions } from "@/parts/facet-groups";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { useListSearch } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { PagedList } from "@/parts/paged-list";
import { WorkCard } from "@/parts/work-card";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const render = (work: WorkItem) => <WorkCard work={work} />;

/** Series as wholes: each leads to its seasons. */
export function Series() {
  const [search, change] = useListSearch();
  const filters = { ...filtersOf(search, { kind: "video" }), series: true };
  const found = useInfiniteQuery(worksPages(filters));
  const all = found.hasNextPage ? undefined : found.data?.length;
  return (
    <>
      <PageHead title={s.series}>
        <p role="status" className="min-h-5 text-muted max-sm:basis-full">
          {all === undefined ? "" : plural(all, { one: t.oneSeries, other: t.manySeries })}
        </p>
        <Order value={sortOf(search)} onChoose={(value) => change(sorted(value))} />
      </PageHead>
      <PagedList
        key={JSON.stringify(filters)}
        found={found}
        label={s.series}
        render={render}
        empty={<Notice title={t.noSeries}>{t.noSeriesWhy}</Notice>}
      />
    </>
  );
}

function Order({ value, onChoose }: { value: string; onChoose: (value: string) => void }) {
  const options = sortOptions({ sizes: false });
  return (
    <Choice
      name={t.sort}
      icon={<Icon.Sort aria-hidden />}
      label={options.find((option) => option.value === value)?.label}
      value={value}
      options={options}
      onChoose={onChoose}
    />
  );
}
