import { type FormEvent, useEffect, useState } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { Card } from "@/parts/card";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { ListPage, useListSearch } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { Row } from "@/parts/row";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const renders = {
  grid: (item: Item) => <Card item={item} />,
  compact: (item: Item) => <Card item={item} dense />,
  list: (item: Item) => <Row item={item} />,
};

/** All files that match words: what the palette leads to, and where phones search. */
export function SearchPage() {
  const [search] = useListSearch();
  if (!search.q) {
    return (
      <>
        <PageHead title={s.search} />
        <Field />
        <Notice title={t.searchHow}>{t.searchHint}</Notice>
      </>
    );
  }
  return (
    <ListPage
      title={t.resultsFor(search.q)}
      groups={["kind", "chat", "year", "resolution", "language", "tag"]}
      renders={renders}
      empty={<Notice title={t.nothingFound}>{t.nothingFor(search.q)}</Notice>}
    >
      <Field />
    </ListPage>
  );
}

const PAUSE = 200; // milliseconds after the last letter

/** The words that are searched, as one types them. */
function Field() {
  const [{ q = "" }, change] = useListSearch();
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped((now) => (now.trim() === q ? now : q)), [q]);
  useEffect(() => {
    const words = typed.trim();
    if (words === q) return;
    const timer = setTimeout(() => change({ q: words || undefined }), PAUSE);
    return () => clearTimeout(timer);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ q: typed.trim() || undefined });
  };
  return (
    <search className="block">
      <form onSubmit={submit} className="edge pb-3">
        <label className="flex h-12 max-w-2xl items-center gap-3 rounded-full bg-surface px-4 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent [&_svg]:size-5">
          <Icon.Search aria-hidden />
          <span className="sr-only">{t.searchField}</span>
          <input
            type="search"
            dir="auto"
            value={typed}
            placeholder={t.searchField}
            onChange={(event) => setTyped(event.target.value)}
            className="h-full min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
          />
        </label>
      </form>
    </search>
  );
}
