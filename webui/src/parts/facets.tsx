import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Filters, facetsQuery } from "@/api/catalog";
import { filmFacetsQuery } from "@/api/windows";
import type { ListSearch, View } from "@/app/search";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Choice, chipLook } from "./choice";
import {
  allOf,
  chosen,
  cleared,
  type Group,
  groupName,
  isNarrowed,
  optionsOf,
  sorted,
  sortOf,
  sortOptions,
} from "./facet-groups";
import * as Icon from "./icons";

const t = texts("browse", english);

type Change = (search: Partial<ListSearch>) => void;

/** What narrows, sorts and shows a list, with counts; it stays at the top while the list scrolls. */
export function FacetBar({
  search,
  filters,
  groups,
  views = ["grid", "compact", "list"],
  view,
  sortable = true,
  onChange,
}: {
  search: ListSearch;
  /** The whole selection: `search` and what the page is of. */
  filters: Filters;
  groups: readonly Group[];
  views?: readonly View[];
  view: View;
  sortable?: boolean;
  onChange: Change;
}) {
  const bar = useRef<HTMLElement>(null);
  const stuck = useStuck(bar);
  const sorts = sortOptions({ sizes: !filters.of });
  return (
    <section
      ref={bar}
      aria-label={t.narrow}
      className={`edge sticky top-0 z-30 flex items-center gap-2 overflow-x-auto py-2 [scrollbar-width:none] max-md:py-1.5 ${stuck ? "bg-linear-to-b from-page from-75% to-transparent" : ""}`}
    >
      <Groups search={search} filters={filters} groups={groups} onChange={onChange} />
      <div className="ms-auto flex shrink-0 items-center gap-2 ps-2">
        {sortable && (
          <Choice
            name={t.sort}
            icon={<Icon.Sort aria-hidden />}
            label={sorts.find(({ value }) => value === sortOf(search))?.label}
            value={sortOf(search)}
            options={sorts}
            onChoose={(value) => onChange(sorted(value))}
          />
        )}
        {views.length > 1 && <Views views={views} view={view} onChange={onChange} />}
      </div>
    </section>
  );
}

/** Whether a sticky bar is held at the top, and the list goes through below it. */
function useStuck(bar: { current: HTMLElement | null }): boolean {
  const [stuck, set] = useState(false);
  useEffect(() => {
    if (!bar.current) return;
    const seen = ([last]: readonly IntersectionObserverEntry[]) => set((last?.boundingClientRect.top ?? 1) < 1);
    const watcher = new IntersectionObserver(seen, { rootMargin: "-1px 0px 0px", threshold: 1 });
    watcher.observe(bar.current);
    return () => watcher.disconnect();
  }, [bar]);
  return stuck;
}

/** The chips of the groups that have something to choose from. */
function Groups({
  search,
  filters,
  groups,
  onChange,
}: {
  search: ListSearch;
  filters: Filters;
  groups: readonly Group[];
  onChange: Change;
}) {
  const facets = useQuery(countsOf(filters)).data;
  return (
    <>
      {groups.map((group) => (
        <FacetChoice key={group} group={group} search={search} filters={filters} known={facets} onChange={onChange} />
      ))}
      {facets && isNarrowed(search, groups) && (
        <button type="button" className={chipLook(false)} onClick={() => onChange(cleared(groups))}>
          <Icon.Close aria-hidden />
          {t.clear}
        </button>
      )}
    </>
  );
}

/** One group. Of one in which something is chosen the counts are those of the list without that choice. */
function FacetChoice({
  group,
  search,
  filters,
  known,
  onChange,
}: {
  group: Group;
  search: ListSearch;
  filters: Filters;
  known: ReturnType<typeof useFacets>;
  onChange: Change;
}) {
  const value = search[group];
  const on = value !== undefined;
  const others = useFacets({ ...filters, [group]: undefined }, on);
  const facets = on ? (others ?? known) : known;
  const options = facets ? optionsOf(group, facets) : [];
  if (!on && options.length < 2) return null;
  const name = options.find((option) => option.value === String(value))?.label ?? String(value ?? "");
  return (
    <Choice
      name={groupName(group)}
      on={on}
      label={on ? name : groupName(group)}
      value={on ? String(value) : ""}
      options={[{ value: "", label: allOf(group) }, ...options]}
      onChoose={(next) => onChange(chosen(group, next))}
    />
  );
}

const countsOf = (filters: Filters) => (filters.of ? filmFacetsQuery(filters) : facetsQuery(filters));

function useFacets(filters: Filters, enabled: boolean) {
  const defined = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
  return useQuery({ ...countsOf(defined), enabled }).data;
}

const SIGNS = { grid: Icon.Roomy, compact: Icon.Compact, list: Icon.List };

function Views({ views, view, onChange }: { views: readonly View[]; view: View; onChange: Change }) {
  return (
    <fieldset className="flex rounded-full bg-raised">
      <legend className="sr-only">{t.view}</legend>
      {views.map((one) => {
        const Sign = SIGNS[one];
        return (
          <button
            key={one}
            type="button"
            aria-pressed={one === view}
            aria-label={t[`view_${one}`]}
            title={t[`view_${one}`]}
            onClick={() => onChange({ view: one })}
            className="grid size-11 place-items-center rounded-full text-muted hover:text-text aria-pressed:bg-accent aria-pressed:text-accent-ink [&_svg]:size-4"
          >
            <Sign aria-hidden />
          </button>
        );
      })}
    </fieldset>
  );
}
