import { Link } from "@tanstack/react-router";
import type { WorkItem } from "@/api/client";
import { texts } from "@/i18n";
import { browse as english } from "@/i18n/en/browse";
import { shell as shellEnglish } from "@/i18n/en/shell";
import { ListPage } from "@/parts/list-page";
import { Notice } from "@/parts/notice";
import { WorkCard, WorkRow } from "@/parts/work-card";

const t = texts("browse", english);
const s = texts("shell", shellEnglish);

const renders = {
  grid: (work: WorkItem) => <WorkCard work={work} />,
  compact: (work: WorkItem) => <WorkCard work={work} dense />,
  list: (work: WorkItem) => <WorkRow work={work} />,
};

/** Films as wholes: each once, with all its versions. Videos whose names tell no film are among the files. */
export function Films() {
  return (
    <ListPage<WorkItem>
      title={s.films}
      fixed={{ kind: "video", of: "films" }}
      groups={["year", "resolution", "language", "chat", "tag"]}
      renders={renders}
      beside={
        <Link
          to="/files"
          search={{ kind: "video" }}
          className="inline-flex min-h-11 items-center text-muted hover:text-text"
        >
          {t.otherVideos}
        </Link>
      }
      empty={<Notice title={t.noFilms}>{t.howTheyCome}</Notice>}
    />
  );
}
