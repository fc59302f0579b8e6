import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type Call, type CallChat, callChatsQuery, callsQuery, playInCall } from "@/api/calls";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { titlesOf } from "@/pages/calls/words";
import { Button } from "../button";
import { secondsOf } from "../clock";
import { Dialog } from "../dialog";
import { SelectField, TextField } from "../field";
import * as Icon from "../icons";
import { Failure } from "../notice";
import { Pills } from "../pills";
import { Skeleton } from "../skeleton";
import { toast } from "../toasts";
import { clock, legible, titleOf } from "../words";
import { keepChat, lastChat } from "./last-chat";
import { ask, backTo } from "./store";
import { type Choice, firstChat, hasPicture, wishOf } from "./wish";

const t = texts("calls", english);

type Asked = {
  item: Item;
  /** Where it begins, in seconds, unless another one is written. */
  position: number;
  /** Called when it plays there at once. */
  begun?: () => void;
};

/** Plays a file in the call of a chat. */
export function CallDialog({ item, position, begun }: Asked) {
  const chats = useQuery(callChatsQuery);
  const told = useQuery(callsQuery);
  return (
    <Dialog title={t.playTitle(titleOf(item))} close={() => ask(null)} back={backTo}>
      {chats.isError ? (
        <Failure error={chats.error} again={() => chats.refetch()} />
      ) : !chats.data || told.isPending ? (
        <Skeleton className="h-64" />
      ) : chats.data.length === 0 ? (
        <p className="text-muted">{told.data?.missing || t.noChats}</p>
      ) : (
        <Form item={item} position={position} begun={begun} chats={chats.data} calls={told.data?.calls ?? []} />
      )}
    </Dialog>
  );
}

type FormProps = Asked & { chats: readonly CallChat[]; calls: readonly Call[] };

function Form({ item, position, begun, chats, calls }: FormProps) {
  const [chat, choose] = useState(() => firstChat(chats, calls, lastChat()));
  const [kind, show] = useState<"sound" | "picture">("sound");
  const [from, begins] = useState(clock(Math.floor(position)));
  const [when, wait] = useState<Choice["when"]>("later");
  const titleOfChat = titlesOf(chats);
  const seconds = secondsOf(from);
  const wrong =
    seconds === null
      ? t.badPosition
      : item.duration && seconds >= item.duration
        ? t.behindEnd(clock(item.duration))
        : "";
  const plays = calls.find((call) => call.chat_id === chat)?.item;
  const playing = usePlaying(
    item,
    chats.find((one) => one.chat_id === chat),
    !plays,
    begun,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong || playing.isPending) return;
    playing.mutate({ video: kind === "picture", position: seconds ?? 0, when });
  };
  return (
    <form onSubmit={submit} className="grid gap-5">
      <SelectField
        label={t.which}
        value={String(chat)}
        options={chats.map((one) => ({
          value: String(one.chat_id),
          name: one.open ? t.openCall(titleOfChat(one.chat_id)) : titleOfChat(one.chat_id),
        }))}
        change={(value) => choose(Number(value))}
      />
      {hasPicture(item) && (
        <Pills
          shown
          legend={t.kind}
          name="call-kind"
          value={kind}
          options={[
            { value: "sound", name: t.sound },
            { value: "picture", name: t.picture },
          ]}
          change={show}
        />
      )}
      <div className="grid gap-1">
        <TextField
          label={t.position}
          dir="ltr"
          inputMode="numeric"
          value={from}
          aria-invalid={wrong !== ""}
          onChange={({ target }) => begins(target.value)}
        />
        <p role="alert" className="text-sm text-danger empty:hidden">
          {wrong}
        </p>
      </div>
      {plays && (
        <div className="grid gap-1">
          {!seconds && (
            <Pills
              shown
              legend={t.when}
              name="call-when"
              value={when}
              options={[
                { value: "later", name: t.later },
                { value: "now", name: t.now },
              ]}
              change={wait}
            />
          )}
          {(seconds || when === "now") && (
            <p className="text-sm text-warn wrap-anywhere">{t.replaces(legible(plays.name))}</p>
          )}
        </div>
      )}
      {playing.isError && (
        <p role="alert" className="text-danger wrap-anywhere">
          {playing.error.message}
        </p>
      )}
      <div className="flex justify-end">
        <Button look="strong" type="submit" aria-disabled={playing.isPending || wrong !== ""}>
          <Icon.Play aria-hidden />
          {t.doPlay}
        </Button>
      </div>
    </form>
  );
}

function usePlaying(item: Item, chat: CallChat | undefined, idle: boolean, begun = () => {}) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (choice: Choice) => {
      if (chat) await playInCall(chat.chat_id, wishOf(item, choice));
    },
    onSuccess: (_, choice) => {
      if (!chat) return;
      keepChat(chat.chat_id);
      ask(null);
      const atOnce = idle || choice.when === "now" || choice.position > 0;
      if (atOnce) begun();
      const action = { name: t.showCalls, run: () => void navigate({ to: "/calls" }) };
      toast((atOnce ? t.started : t.queued)(titleOf(item), titlesOf([chat])(chat.chat_id)), { action });
    },
  });
}
