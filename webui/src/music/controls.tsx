import { texts } from "@/i18n";
import { music as english } from "@/i18n/en/music";
import { IconButton } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { clock } from "@/parts/words";
import { next, previous, seekTo, setVolume, toggle } from "./control";
import { cycleRepeat, toggleShuffle } from "./edit";
import type { Repeat } from "./queue";
import { Slider } from "./slider";
import { music } from "./state";
import { useStore } from "./store";
import { useClock, usePlaying } from "./use";

const t = texts("music", english);

const REPEAT: Record<Repeat, () => string> = {
  off: () => t.repeatOff,
  all: () => t.repeatAll,
  one: () => t.repeatOne,
};

export function PlayButton({ large = false }: { large?: boolean }) {
  const playing = usePlaying();
  return (
    <button
      type="button"
      aria-label={playing ? t.pause : t.play}
      title={playing ? t.pause : t.play}
      onClick={toggle}
      className={`inline-grid shrink-0 place-items-center rounded-full bg-accent text-accent-ink transition-[filter] hover:brightness-110 [&_svg]:fill-current ${large ? "size-16 [&_svg]:size-7" : "size-11 [&_svg]:size-5"}`}
    >
      {playing ? <Icon.Pause aria-hidden strokeWidth={1} /> : <Icon.Play aria-hidden strokeWidth={1} />}
    </button>
  );
}

export function PreviousButton() {
  return (
    <IconButton label={t.previous} onClick={previous} className="rtl:[&_svg]:-scale-x-100 [&_svg]:fill-current">
      <Icon.Previous aria-hidden />
    </IconButton>
  );
}

export function NextButton() {
  return (
    <IconButton label={t.next} onClick={() => next()} className="rtl:[&_svg]:-scale-x-100 [&_svg]:fill-current">
      <Icon.Next aria-hidden />
    </IconButton>
  );
}

export function ShuffleButton() {
  const on = useStore(music, ({ queue }) => queue.shuffled);
  return (
    <IconButton
      label={t.shuffle}
      aria-pressed={on}
      title={on ? t.shuffleOn : t.shuffleOff}
      onClick={toggleShuffle}
      className={on ? "text-accent" : ""}
    >
      <Icon.Shuffle aria-hidden />
    </IconButton>
  );
}

export function RepeatButton() {
  const repeat = useStore(music, ({ queue }) => queue.repeat);
  const Sign = repeat === "one" ? Icon.RepeatOne : Icon.Repeat;
  return (
    <IconButton label={REPEAT[repeat]()} onClick={cycleRepeat} className={repeat === "off" ? "" : "text-accent"}>
      <Sign aria-hidden />
    </IconButton>
  );
}

/** The position with its times. */
export function SeekBar({ below = false }: { below?: boolean }) {
  const { position, duration } = useClock();
  const times = [clock(position), clock(duration)] as const;
  const time = "w-12 shrink-0 text-xs text-muted tabular-nums";
  const slider = (
    <Slider
      label={t.seek}
      value={position}
      max={duration}
      step={1}
      text={t.seekValue(...times)}
      change={seekTo}
      className="flex-1"
    />
  );
  if (!below) {
    return (
      <div className="flex w-full items-center gap-2">
        <span className={`${time} text-end`}>{times[0]}</span>
        {slider}
        <span className={time}>{times[1]}</span>
      </div>
    );
  }
  return (
    <div className="grid w-full">
      {slider}
      <div className="-mt-2 flex justify-between">
        <span className={time}>{times[0]}</span>
        <span className={`${time} text-end`}>{times[1]}</span>
      </div>
    </div>
  );
}

export function Volume() {
  const volume = useStore(music, (state) => (state.muted ? 0 : state.volume));
  const muted = useStore(music, (state) => state.muted);
  const kept = useStore(music, (state) => state.volume);
  return (
    <div className="flex items-center">
      <IconButton label={muted ? t.unmute : t.mute} onClick={() => setVolume(kept || 1, !muted)}>
        {volume ? <Icon.Sound aria-hidden /> : <Icon.Muted aria-hidden />}
      </IconButton>
      <Slider
        label={t.volume}
        value={Math.round(volume * 100)}
        max={100}
        step={5}
        text={`${Math.round(volume * 100)} %`}
        change={(value) => setVolume(value / 100)}
        className="w-24"
      />
    </div>
  );
}
