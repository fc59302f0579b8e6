import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { callChatsQuery, callsQuery, changeCall, seekCall } from "@/api/calls";
import type { FileItem } from "@/api/client";
import { may, useMe } from "@/api/me";
import { queries } from "@/api/query";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { titlesOf } from "@/pages/calls/words";
import { Button } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { tell } from "@/parts/item-actions";
import { openItemDialog } from "@/parts/item-menu";
import { callOf } from "@/parts/item-menu/wish";
import { toast } from "@/parts/toasts";
import { clock } from "@/parts/words";

const t = texts("calls", english);

/** Plays the file in the call of a chat, from where the page is; a call that plays it already goes on there. */
export function InCall({ item }: { item: FileItem }) {
  return may(useMe(), "voice", "voice") ? <Work item={item} /> : null;
}

function Work({ item }: { item: FileItem }) {
  const navigate = useNavigate();
  const calls = useQuery(callsQuery).data?.calls ?? [];
  const sending = useMutation({
    mutationFn: (position: number) => goOn(item, position),
    onSuccess: (title, position) => {
      if (title === null) return openItemDialog({ what: "call", item, position, begun: pauseHere });
      pauseHere();
      const action = { name: t.showCalls, run: () => void navigate({ to: "/calls" }) };
      toast(t.movedOn(title, clock(position)), { action });
    },
    onError: tell,
  });
  const press = () => !sending.isPending && sending.mutate(Math.floor(media()?.currentTime ?? 0));
  return (
    <Button aria-disabled={sending.isPending} onClick={press}>
      <Icon.Voice aria-hidden />
      {calls.length ? t.continueInCall : t.play}
    </Button>
  );
}

const media = () => document.querySelector<HTMLMediaElement>("video, audio");

const pauseHere = () => media()?.pause();

/** Has the call that plays a file go on at a position, whatever state it is in; the title of its chat, null for none. */
async function goOn(item: FileItem, position: number): Promise<string | null> {
  const { calls } = await queries.fetchQuery(callsQuery);
  const call = callOf(calls, item);
  if (!call) return null;
  await seekCall(call.chat_id, position);
  if (call.status === "paused" || call.status === "failed") await changeCall(call.chat_id, "resume");
  return titlesOf(await queries.ensureQueryData(callChatsQuery))(call.chat_id);
}
