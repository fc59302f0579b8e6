import { useQuery } from "@tanstack/react-query";
import type { Version, WorkTree } from "@/api/client";
import { worksQuery } from "@/api/lists";
import { texts } from "@/i18n";
import { work as english } from "@/i18n/en/work";
import { Begun } from "@/parts/begun";
import { Shelf } from "@/parts/shelf";
import { WorkCard } from "@/parts/work-card";
import { useChannels } from "./files";

const t = texts("work", english);
const MOST = 20;

/** Other films and series of the same channel. */
export function Related({ work, of }: { work: WorkTree; of: Version }) {
  const channel = useChannels(work.key)(of.chat_id);
  const found = useQuery(worksQuery({ chat: of.chat_id }, MOST + 1)).data ?? [];
  const others = found.filter((one) => one.key !== work.key).slice(0, MOST);
  return (
    <Shelf title={t.related(channel)} empty={!others.length || !channel}>
      <Begun items={others} keyOf={({ key }) => key} render={(one) => <WorkCard work={one} />} />
    </Shelf>
  );
}
