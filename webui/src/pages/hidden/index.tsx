import { useInfiniteQuery } from "@tanstack/react-query";
import type { Item } from "@/api/client";
import { ownPages } from "@/api/lists";
import { setHidden } from "@/api/personal";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { IconButton } from "@/parts/button";
import { Card } from "@/parts/card";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { Notice } from "@/parts/notice";
import { PagedList } from "@/parts/paged-list";
import { toast } from "@/parts/toasts";
import { heading } from "@/parts/words";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const render = (item: Item) => <Card item={item} corner={<ShowAgain item={item} />} />;

export function Hidden() {
  const found = useInfiniteQuery(ownPages("hidden"));
  return (
    <>
      <PageHead title={s.hidden} />
      <p className="edge text-muted">{t.hiddenWhat}</p>
      <PagedList
        found={found}
        label={s.hidden}
        render={render}
        empty={<Notice title={t.noHidden}>{t.noHiddenWhy}</Notice>}
      />
    </>
  );
}

function ShowAgain({ item }: { item: Item }) {
  const show = () =>
    setHidden(item, false).catch((error: unknown) =>
      toast(error instanceof Error ? error.message : String(error), { tone: "danger" }),
    );
  return (
    <IconButton
      label={`${t.showAgain}: ${heading(item)}`}
      title={t.showAgain}
      onClick={show}
      className="bg-black/60 text-white! hover:bg-black/80"
    >
      <Icon.Show aria-hidden />
    </IconButton>
  );
}
