import { useQuery } from "@tanstack/react-query";
import type { Call, Entry } from "@/api/calls";
import { fileQuery } from "@/api/facts";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { Frame, type Shown } from "@/parts/frame";
import { Told } from "@/parts/told";
import { legible } from "@/parts/words";
import { Controls } from "./controls";
import { Progress } from "./progress";
import { Queue } from "./queue";
import { nameOf, statusOf } from "./words";

const t = texts("calls", english);

const TONES: Partial<Record<Call["status"], string>> = {
  playing: "text-ok",
  reconnecting: "text-warn",
  failed: "text-danger",
};

/** A call: what plays, how far it is, who listens, and what comes next. */
export function CallCard({ call, title }: { call: Call; title: string }) {
  return (
    <section aria-label={title} className="grid gap-5 rounded-lg bg-surface p-5 max-sm:p-4">
      <div className="grid gap-1">
        <h2 dir="auto" className="as-parent line-clamp-2 text-xl wrap-anywhere">
          {title}
        </h2>
        <State call={call} />
      </div>
      <div className="grid gap-x-6 gap-y-4 sm:grid-cols-[10rem_minmax(0,1fr)]">
        {call.item && <Cover entry={call.item} />}
        <div className="grid min-w-0 content-center gap-1">
          <p dir="auto" className="as-parent line-clamp-2 text-lg font-medium wrap-anywhere">
            {nameOf(call.item)}
          </p>
          <Progress call={call} />
        </div>
      </div>
      <Controls call={call} title={title} />
      <Queue call={call} title={title} />
    </section>
  );
}

function State({ call }: { call: Call }) {
  return (
    <>
      <p className="text-muted tabular-nums">
        <Told
          parts={[
            <span key="status" data-status={call.status} className={TONES[call.status] ?? "text-text"}>
              {statusOf(call)}
            </span>,
            call.listeners !== null && t.listeners(call.listeners),
            call.item?.video && t.withPicture,
            call.node && t.onNode(legible(call.node)),
          ]}
        />
      </p>
      {call.reason && (
        <p dir="auto" className="as-parent max-w-prose text-warn wrap-anywhere">
          {legible(call.reason)}
        </p>
      )}
    </>
  );
}

function Cover({ entry }: { entry: Entry }) {
  const reads = may(useMe(), "read");
  const file = useQuery({ ...fileQuery(entry.chat_id, entry.message_id), enabled: reads }).data;
  return <Frame item={file ?? shownAs(entry)} shape="wide" className="max-sm:max-w-60" />;
}

/** What is shown of a file of which no more is known than its name. */
const shownAs = ({ name, video }: Entry): Shown => ({
  title: name,
  caption: "",
  name,
  kind: video ? "video" : "audio",
  date: 0,
  thumb_url: null,
  placeholder: null,
});
