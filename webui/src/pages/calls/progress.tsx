import { Link } from "@tanstack/react-router";
import { type Call, seekCall } from "@/api/calls";
import { may, useMe } from "@/api/me";
import { texts } from "@/i18n";
import { calls as english } from "@/i18n/en/calls";
import { music } from "@/i18n/en/music";
import { Slider } from "@/music/slider";
import { buttonLook } from "@/parts/button";
import * as Icon from "@/parts/icons";
import { clock } from "@/parts/words";
import { positionOf } from "./calls";
import { useDraft } from "./use-draft";
import { useNow } from "./use-now";
import { nameOf } from "./words";

const t = texts("calls", english);
const m = texts("music", music);

/** How far the item is, a slider that changes it, and the way to the same place of the web player. */
export function Progress({ call }: { call: Call }) {
  const now = useNow(call.status === "playing");
  const at = positionOf(call, Math.max(now, call.heard));
  const [shown, change] = useDraft(at, (position) => seekCall(call.chat_id, position));
  const time = "w-14 shrink-0 text-sm text-muted tabular-nums";
  return (
    <>
      <div className="flex items-center gap-2">
        <span data-position className={time}>
          {clock(Math.floor(shown))}
        </span>
        {call.duration === null ? (
          <span className="text-sm text-muted">{t.unknownLength}</span>
        ) : (
          <>
            <Slider
              label={t.seek}
              value={Math.floor(shown)}
              max={Math.max(1, Math.ceil(call.duration) - 1)}
              step={1}
              text={m.seekValue(clock(Math.floor(shown)), clock(call.duration))}
              change={change}
              className="flex-1"
            />
            <span className={`${time} text-end`}>{clock(call.duration)}</span>
          </>
        )}
      </div>
      <Here call={call} at={at} />
    </>
  );
}

function Here({ call, at }: { call: Call; at: number }) {
  const reads = may(useMe(), "read");
  if (!reads || !call.item) return null;
  const { chat_id: chat, message_id: message } = call.item;
  return (
    <div>
      <Link
        to="/watch/$chat/$message"
        params={{ chat: String(chat), message: String(message) }}
        search={{ t: Math.floor(at) || undefined }}
        preload={false}
        aria-label={t.hereOf(nameOf(call.item))}
        className={buttonLook()}
      >
        <Icon.Play aria-hidden />
        {t.here}
      </Link>
    </div>
  );
}
