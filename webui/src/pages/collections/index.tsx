import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { failureOf } from "@/api/problem";
import { texts } from "@/i18n";
import { collections as english } from "@/i18n/en/collections";
import { Button } from "@/parts/button";
import { CollectionCard } from "@/parts/collection-card";
import { CollectionMenu } from "@/parts/collection-menu";
import { Dialog } from "@/parts/dialog";
import { PageHead } from "@/parts/head";
import * as Icon from "@/parts/icons";
import { NewCollection } from "@/parts/item-menu/collect";
import { Failure, Notice } from "@/parts/notice";
import { PlainGhosts, PlainGrid } from "@/parts/plain-grid";

const t = texts("collections", english);

/** The person's collections, by name. */
export function Collections() {
  const found = useQuery(collectionsQuery);
  const { data, refetch } = found;
  const error = failureOf(found);
  const [making, make] = useState(false);
  return (
    <>
      <PageHead title={t.title}>
        {data?.length ? (
          <Button look="strong" onClick={() => make(true)}>
            <Icon.Plus aria-hidden />
            {t.make}
          </Button>
        ) : null}
      </PageHead>
      {error ? (
        <Failure error={error} again={() => void refetch()} />
      ) : !data ? (
        <PlainGhosts />
      ) : data.length ? (
        <PlainGrid label={t.title}>
          {data.map((one) => (
            <li key={one.id} className="relative">
              <CollectionCard collection={one} />
              <CollectionMenu collection={one} corner />
            </li>
          ))}
        </PlainGrid>
      ) : (
        <Notice
          title={t.none}
          actions={
            <Button look="strong" onClick={() => make(true)}>
              <Icon.Plus aria-hidden />
              {t.noneFirst}
            </Button>
          }
        >
          {t.noneHint}
        </Notice>
      )}
      {making && <Making close={() => make(false)} />}
    </>
  );
}

function Making({ close }: { close: () => void }) {
  const navigate = useNavigate();
  return (
    <Dialog title={t.makeTitle} close={close}>
      <NewCollection
        made={({ id }) => {
          close();
          void navigate({ to: "/collections/$id", params: { id: String(id) } });
        }}
      />
    </Dialog>
  );
}
