import { lazy, Suspense, useMemo } from "react";
import type { Filters } from "@/api/catalog";
import type { Item } from "@/api/client";
import { usePhotoAddress } from "./open";
import { placeOf } from "./place";
import { useStrip } from "./strip";

export { noteOpened, photoSearch } from "./open";

const Lightbox = lazy(() => import("./lightbox").then((found) => ({ default: found.Lightbox })));

type Address = ReturnType<typeof usePhotoAddress>;

/** The picture that the address names (?photo=), over the page; its neighbours are those of a list by date. */
export function ListLightbox({ filters }: { filters: Filters }) {
  const address = usePhotoAddress();
  const text = JSON.stringify(filters);
  const stable = useMemo<Filters>(() => JSON.parse(text), [text]);
  return address.photo ? <OfList filters={stable} photo={address.photo} address={address} /> : null;
}

function OfList({ filters, photo, address }: { filters: Filters; photo: string; address: Address }) {
  const strip = useStrip(filters, photo);
  return (
    <Suspense>
      <Lightbox strip={strip} show={address.show} close={address.close} />
    </Suspense>
  );
}

/** The same among items that a page has itself, as of a collection. */
export function ItemsLightbox({ items }: { items: readonly Item[] }) {
  const address = usePhotoAddress();
  if (!address.photo) return null;
  const at = placeOf(items, address.photo);
  if (at < 0) return null;
  const strip = { items, at, number: { place: at + 1, of: items.length }, error: null, again: () => {} };
  return (
    <Suspense>
      <Lightbox strip={strip} show={address.show} close={address.close} />
    </Suspense>
  );
}
