import { useMutation } from "@tanstack/react-query";
import { type Call, type CallChange, changeCall, setCallLoop, setCallVolume } from "@/api/calls";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { Slider } from "@/music/slider";
import { Button, IconButton } from "@/parts/button";
import { ConfirmButton } from "@/parts/confirm";
import * as Icon from "@/parts/icons";
import { tell } from "@/parts/item-actions";
import { mainChange, nextLoop } from "./calls";
import { useDraft } from "./use-draft";

const t = texts("calls", english);

const LOUDEST = 200; // percent

/** What can be done with what plays. */
export function Controls({ call, title }: { call: Call; title: string }) {
  const { chat_id: chat } = call;
  const changing = useMutation({ mutationFn: (change: CallChange) => changeCall(chat, change), onError: tell });
  const run = (change: CallChange) => () => !changing.isPending && changing.mutate(change);
  const main = mainChange(call);
  const words = main === "pause" ? t.pause : call.status === "failed" ? t.tryAgain : t.resume;
  const Sign = main === "pause" ? Icon.Pause : call.status === "failed" ? Icon.Again : Icon.Play;
  return (
    <fieldset aria-label={t.controls(title)} className="m-0 flex min-w-0 flex-wrap items-center gap-2 border-0 p-0">
      <Button look="strong" aria-disabled={changing.isPending} onClick={run(main)}>
        <Sign aria-hidden />
        {words}
      </Button>
      <Button aria-disabled={changing.isPending} onClick={run("skip")}>
        <Icon.Next aria-hidden className="rtl:-scale-x-100" />
        {t.skip}
      </Button>
      <LoopButton call={call} />
      <IconButton
        label={t.shuffle}
        aria-disabled={call.queue.length < 2}
        onClick={() => call.queue.length > 1 && run("shuffle")()}
        className="aria-disabled:opacity-60"
      >
        <Icon.Shuffle aria-hidden />
      </IconButton>
      <Volume call={call} />
      <span className="ms-auto max-sm:ms-0">
        <ConfirmButton
          label={t.stop}
          icon={<Icon.Close aria-hidden />}
          title={t.stopTitle(title)}
          action={t.stopDo}
          run={() => changeCall(chat, "stop")}
        >
          {t.stopWhy}
        </ConfirmButton>
      </span>
    </fieldset>
  );
}

function LoopButton({ call }: { call: Call }) {
  const words = { off: t.loopOff, one: t.loopOne, all: t.loopAll };
  const Sign = call.loop === "one" ? Icon.RepeatOne : Icon.Repeat;
  return (
    <IconButton
      label={words[call.loop]}
      onClick={() => void setCallLoop(call.chat_id, nextLoop(call.loop)).catch(tell)}
      className={call.loop === "off" ? "" : "text-accent"}
    >
      <Sign aria-hidden />
    </IconButton>
  );
}

function Volume({ call }: { call: Call }) {
  const [shown, change] = useDraft(call.volume, (volume) => setCallVolume(call.chat_id, volume));
  return (
    <div className="flex items-center gap-2 text-muted [&_svg]:size-5">
      {shown ? <Icon.Sound aria-hidden /> : <Icon.Muted aria-hidden />}
      <Slider
        label={t.volume}
        value={shown}
        max={LOUDEST}
        step={5}
        text={`${shown} %`}
        change={change}
        className="w-28"
      />
      <span className="w-12 text-sm tabular-nums">{shown} %</span>
    </div>
  );
}
