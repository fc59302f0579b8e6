import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Item } from "@/api/client";
import { LONGEST_NAME, makeCollection } from "@/api/collecting";
import { type CollectionItem, collectionsQuery } from "@/api/collections";
import { texts } from "@/i18n";
import { item as english } from "@/i18n/en/item";
import { Button } from "../button";
import { Dialog } from "../dialog";
import { TextField } from "../field";
import * as Icon from "../icons";
import { collect } from "../item-actions";
import { Skeleton } from "../skeleton";
import { legible, titleOf } from "../words";
import { ask, backTo } from "./store";

const t = texts("item", english);

/** Adds files to one of the person's collections, or to a new one. */
export function CollectDialog({ items }: { items: readonly Item[] }) {
  const [only] = items;
  const collections = useQuery(collectionsQuery);
  const add = (collection: Pick<CollectionItem, "id" | "name">) => {
    ask(null);
    void collect(items, collection);
  };
  return (
    <Dialog
      title={only && items.length === 1 ? t.collectTitle(titleOf(only)) : t.collectMany(items.length)}
      close={() => ask(null)}
      back={backTo}
    >
      {collections.isPending && <Skeleton className="h-24" />}
      {collections.data?.length === 0 && <p className="pb-3 text-muted">{t.noCollections}</p>}
      <ul className="grid gap-1 pb-4">
        {collections.data?.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              onClick={() => add(one)}
              className="flex min-h-12 w-full items-center gap-3 rounded-md px-3 text-start hover:bg-raised [&_svg]:size-5 [&_svg]:text-muted"
            >
              <Icon.Collect aria-hidden />
              <span dir="auto" className="line-clamp-2 min-w-0 flex-1 wrap-anywhere">
                {legible(one.name)}
              </span>
              <span className="shrink-0 text-sm text-muted">{t.files(one.files)}</span>
            </button>
          </li>
        ))}
      </ul>
      <NewCollection made={add} />
    </Dialog>
  );
}

/** A name and a button that makes a collection of it. */
export function NewCollection({ made }: { made: (collection: CollectionItem) => void }) {
  const [name, write] = useState("");
  const [failed, fail] = useState("");
  const make = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    makeCollection(name).then(made, (error: unknown) => fail(error instanceof Error ? error.message : ""));
  };
  return (
    <form onSubmit={make} className="flex flex-wrap items-end gap-2">
      <TextField
        label={t.nameOfIt}
        value={name}
        maxLength={LONGEST_NAME}
        required
        className="min-w-48 flex-1"
        onChange={({ target }) => write(target.value)}
      />
      <Button look="strong" type="submit">
        <Icon.Plus aria-hidden />
        {t.make}
      </Button>
      <p role="alert" className="basis-full text-danger empty:hidden">
        {failed}
      </p>
    </form>
  );
}
