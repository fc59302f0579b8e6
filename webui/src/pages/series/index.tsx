import { useQuery } from "@tanstack/react-query";
import { filtersOf, worksQuery } from "@/api/catalog";
import { failureOf } from "@/api/problem";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { Choice } from "@/parts/choice";
import { sorted, sortOf, sortOptions } from "@/parts/facet-groups";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { useListSearch } from "@/parts/list-page";
import { Failure, Notice } from "@/parts/notice";
import { PlainGhosts, PlainGrid } from "@/parts/plain-grid";
import { WorkCard } from "@/parts/work-card";
import { inOrder } from "./order";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

/** Series as wholes: each leads to its seasons. */
export function Series() {
  const [search, change] = useListSearch();
  const found = useQuery(worksQuery(filtersOf(search, { kind: "video" })));
  const { data, refetch } = found;
  const error = failureOf(found);
  const series =
    data &&
    inOrder(
      data.filter((work) => work.series),
      search,
    );
  return (
    <>
      <PageHead title={s.series}>
        <p role="status" className="min-h-5 text-muted max-sm:basis-full">
          {series ? plural(series.length, { one: t.oneSeries, other: t.manySeries }) : ""}
        </p>
        <Order value={sortOf(search)} onChoose={(value) => change(sorted(value))} />
      </PageHead>
      {error ? (
        <Failure error={error} again={() => refetch()} />
      ) : !series ? (
        <PlainGhosts />
      ) : series.length ? (
        <PlainGrid label={s.series}>
          {series.map((work) => (
            <li key={work.key}>
              <WorkCard work={work} />
            </li>
          ))}
        </PlainGrid>
      ) : (
        <Notice title={t.noSeries}>{t.noSeriesWhy}</Notice>
      )}
    </>
  );
}

function Order({ value, onChoose }: { value: string; onChoose: (value: string) => void }) {
  const options = sortOptions().filter((option) => !option.value.startsWith("size"));
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
