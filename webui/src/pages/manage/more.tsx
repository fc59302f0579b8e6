import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Button } from "@/parts/button";

const t = texts("manage", english);

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

/** The button for the next page of a list; nothing at its end. */
export function More({ query }: { query: Paged }) {
  if (!query.hasNextPage) return null;
  return (
    <div>
      <Button disabled={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        {t.older}
      </Button>
    </div>
  );
}
