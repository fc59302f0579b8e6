import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type CollectionItem, mosaicQuery } from "@/api/collections";
import { plural, texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { Mosaic } from "./mosaic";
import { useNear } from "./use-near";
import { legible } from "./words";

const t = texts("browse", english);

/** A collection: a mosaic of its first frames, its name, and how many files it has. Asked for when it comes near. */
export function CollectionCard({ collection }: { collection: CollectionItem }) {
  const [place, near] = useNear<HTMLDivElement>();
  const { data = [] } = useQuery({ ...mosaicQuery(collection.id), enabled: near });
  const name = legible(collection.name);
  return (
    <div ref={place} className="group relative min-w-0">
      <Mosaic items={data} title={name} />
      <Link
        to="/collections/$id"
        params={{ id: String(collection.id) }}
        dir="auto"
        className="mt-2 line-clamp-1 font-medium as-parent wrap-anywhere after:absolute after:inset-0 after:rounded-md"
      >
        {name}
      </Link>
      <p className="text-sm text-muted">{plural(collection.files, { one: t.file, other: t.filesCount })}</p>
    </div>
  );
}
