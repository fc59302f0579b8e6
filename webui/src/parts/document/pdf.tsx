import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { apiOrigin } from "@/api/address";
import { streamOf } from "@/api/media";
import { failureOf, Problem, problemOf } from "@/api/problem";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { Failure } from "../notice";
import { Skeleton } from "../skeleton";
import { heading } from "../words";
import type { Shown } from "./instead";
import { Instead } from "./instead";

const t = texts("documents", english);

const MOST_COPIED = 64 * 1024 * 1024;

/**
 * A PDF in the browser's own viewer. That viewer does not run in a sandboxed frame, and needs none: the server names
 * the file a PDF and forbids guessing, so that no browser makes a page of it, and the viewer is apart from pages.
 */
export function Pdf({ item }: { item: Shown }) {
  if (!navigator.pdfViewerEnabled) return <Instead item={item} why={t.noViewer} open />;
  if (apiOrigin() === location.origin) return <Viewer item={item} source={streamOf(item)} />;
  if (item.size > MOST_COPIED) return <Instead item={item} why={t.tooLarge} open />;
  return <Copied item={item} />;
}

const Viewer = ({ item, source }: { item: Shown; source: string }) => (
  <iframe title={heading(item)} src={source} className="size-full min-h-[70dvh] rounded-md border-0 bg-white" />
);

/** From another origin, which the policy of the page frames nothing of: the bytes, named a PDF and nothing else. */
function Copied({ item }: { item: Shown }) {
  const [source, setSource] = useState<string | null>(null);
  const file = useQuery({
    queryKey: ["document", item.chat_id, item.message_id, "pdf"],
    queryFn: async ({ signal }) => {
      const answer = await fetch(streamOf(item), { signal }).catch(() => {
        throw new Problem(0, "Unreachable", "The server cannot be reached.");
      });
      if (!answer.ok) throw problemOf(answer, undefined);
      return new Blob([await answer.arrayBuffer()], { type: "application/pdf" });
    },
    gcTime: 0,
  });
  useEffect(() => {
    if (!file.data) return;
    const made = URL.createObjectURL(file.data);
    setSource(made);
    return () => URL.revokeObjectURL(made);
  }, [file.data]);
  const failure = failureOf(file);
  if (failure) return <Failure error={failure} again={() => file.refetch()} />;
  return source ? <Viewer item={item} source={source} /> : <Skeleton className="size-full min-h-[70dvh]" />;
}
