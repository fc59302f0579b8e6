import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { texts } from "@/i18n";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { CollectionCard } from "@/parts/collection-card";
import { Row } from "./row";

const s = texts("shell", shellEnglish);

/** The last row: no part of what is loaded first. */
export default function CollectionsRow() {
  const { data } = useQuery(collectionsQuery);
  return (
    <Row title={s.collections} to="/collections" known empty={!data?.length}>
      {data?.map((collection) => (
        <li key={collection.id}>
          <CollectionCard collection={collection} />
        </li>
      ))}
    </Row>
  );
}
