import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import type { Item } from "@/api/client";
import { type CollectionPage, collectionQuery } from "@/api/collections";
import { may, useMe } from "@/api/me";
import { failureOf, Problem } from "@/api/problem";
import { texts } from "@/i18n";
import { collections as english } from "@/i18n/en/collections";
import { item as itemEnglish } from "@/i18n/en/item";
import { Button, buttonLook } from "@/parts/button";
import { Card, watchLink } from "@/parts/card";
import { CollectionMenu } from "@/parts/collection-menu";
import { Cells, useGrid } from "@/parts/grid";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { collect } from "@/parts/item-actions";
import { openItemDialog } from "@/parts/item-menu";
import { Failure, Notice } from "@/parts/notice";
import { PlainGhosts } from "@/parts/plain-grid";
import { legible } from "@/parts/words";

const t = texts("collections", english);
const i = texts("item", itemEnglish);
const route = getRouteApi("/collections/$id");

/** One collection with its files, in the order in which they were added. */
export function Collection() {
  const { id } = route.useParams();
  const number = /^\d{1,15}$/.test(id) ? Number(id) : -1;
  const found = useInfiniteQuery({ ...collectionQuery(number), enabled: number >= 0 });
  const { data, refetch } = found;
  const error = failureOf(found);
  const [first] = data?.pages ?? [];
  if (number < 0 || (error instanceof Problem && error.status === 404)) return <Gone />;
  if (error) return <Failure level="h1" error={error} again={() => void refetch()} />;
  return (
    <>
      <Head page={first} />
      {!first || !data ? (
        <PlainGhosts />
      ) : first.files || first.items.length ? (
        <Members key={number} page={first} pages={data.pages} more={found} />
      ) : (
        <Empty />
      )}
    </>
  );
}

function Head({ page }: { page: CollectionPage | undefined }) {
  const me = useMe();
  const navigate = route.useNavigate();
  const [begins] = page?.items ?? [];
  const name = legible(page?.name ?? "");
  return (
    <PageHead title={name}>
      {page && (
        <div className="flex flex-wrap items-center gap-2">
          <p className="pe-2 text-muted">{t.files(page.files)}</p>
          {begins && (
            <Link {...watchLink(begins)} className={buttonLook("strong")}>
              <Icon.Play aria-hidden className="rtl:-scale-x-100" />
              {t.play}
            </Link>
          )}
          {me?.person && may(me, "links", "links") && (
            <Button onClick={() => openItemDialog({ what: "link", target: { collection: page.id }, name })}>
              <Icon.Share aria-hidden />
              {i.share}
            </Button>
          )}
          <CollectionMenu collection={page} gone={() => void navigate({ to: "/collections" })} />
        </div>
      )}
    </PageHead>
  );
}

type More = { hasNextPage: boolean; isFetching: boolean; fetchNextPage: () => unknown };
const COMING = 12; // places for the files of the next page

/** Further pages come when their end comes near. */
function Members({ page, pages, more }: { page: CollectionPage; pages: readonly CollectionPage[]; more: More }) {
  const { id, name } = page;
  const items = useMemo(() => pages.flatMap((one) => one.items), [pages]);
  const grid = useGrid(items.length + (more.hasNextPage ? COMING : 0), { kind: "grid" });
  const near = grid.view.end >= items.length;
  const { hasNextPage, isFetching, fetchNextPage } = more;
  useEffect(() => {
    if (near && hasNextPage && !isFetching) void fetchNextPage();
  }, [near, hasNextPage, isFetching, fetchNextPage]);
  const render = useCallback(
    (item: Item) => (
      <Card
        item={item}
        extra={[{ name: t.takeOut, danger: true, run: () => void collect([item], { id, name }, false) }]}
      />
    ),
    [id, name],
  );
  return (
    <div className="edge relative pt-3 pb-10">
      <Cells
        grid={grid}
        at={(index) => items[index]}
        render={render}
        label={legible(name)}
        kind="grid"
        known={!hasNextPage}
      />
    </div>
  );
}

function Empty() {
  return (
    <Notice
      title={t.empty}
      actions={
        <Link to="/files" className={buttonLook("strong")}>
          {t.toFiles}
        </Link>
      }
    >
      {t.emptyHint}
    </Notice>
  );
}

function Gone() {
  return (
    <Notice
      title={t.gone}
      actions={
        <Link to="/collections" className={buttonLook("strong")}>
          {t.all}
        </Link>
      }
    >
      {t.goneHint}
    </Notice>
  );
}
