import { useQuery } from "@tanstack/react-query";
import { ask, client } from "@/api/client";
import { texts } from "@/i18n";
import { shell as english } from "@/i18n/en/shell";
import { Card } from "@/parts/card";
import { PageHead } from "@/parts/head";
import { Failure } from "@/parts/notice";
import { Shelf } from "@/parts/shelf";

const t = texts("shell", english);

export function Home() {
  const films = useQuery({
    queryKey: ["catalog", { kind: "video" }],
    queryFn: ({ signal }) =>
      ask(client().GET("/api/catalog", { params: { query: { kind: "video", limit: 20 } }, signal })),
  });
  if (films.isError) return <Failure error={films.error} again={() => films.refetch()} />;
  return (
    <>
      <PageHead title={t.home} />
      <Shelf title={t.films} empty={!films.data?.items.length}>
        {films.data?.items.map((item) => (
          <li key={`${item.chat_id}/${item.message_id}`}>
            <Card item={item} />
          </li>
        ))}
      </Shelf>
    </>
  );
}
