import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { Item } from "@/api/client";
import { texts } from "@/i18n";
import { home as english } from "@/i18n/en/home";
import { buttonLook } from "@/parts/button";
import { progressOf, watchLink, workLink } from "@/parts/card";
import { Frame } from "@/parts/frame";
import * as Icon from "@/parts/icons";
import { MoreButton, menuAt } from "@/parts/item-menu";
import { useHue } from "@/parts/picture-hue";
import { clock, duration, heading, titleOf } from "@/parts/words";

const t = texts("home", english);

/** What was watched last, large: one tap goes on where it was left. Its frame is small and sharp in its own colour. */
export function Hero({ item }: { item: Item }) {
  const hue = useHue(heading(item), item.placeholder);
  const at = item.watched?.position ?? 0;
  const whole = item.watched?.duration ?? item.duration ?? 0;
  const left = whole > at ? t.left(duration(whole - at)) : "";
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its button opens the same menu
    <div className="edge pb-3" onContextMenu={menuAt(item)}>
      <section
        aria-label={t.continue}
        style={{ "--hue": hue } as CSSProperties}
        className="hero flex gap-x-8 gap-y-5 overflow-hidden rounded-lg p-5 max-md:flex-col md:items-center md:p-8"
      >
        <Link {...watchLink(item)} tabIndex={-1} aria-hidden="true" className="w-full max-w-80 shrink-0">
          <Frame item={item} shape="wide" width={640} urgent className="shadow-(--shadow)" />
        </Link>
        <div className="min-w-0 flex-1">
          <p className="text-sm">{t.continue}</p>
          <h2
            dir="auto"
            className="mt-1 -mb-[0.18em] line-clamp-2 pb-[0.18em] text-title wrap-anywhere as-parent max-md:text-2xl"
          >
            {titleOf(item)}
          </h2>
          <p className="mt-2 text-base">{[item.facts?.year, left].filter(Boolean).join(" · ")}</p>
          <div className="mt-4 h-1 max-w-md overflow-hidden rounded-full bg-black/20">
            <div className="h-full bg-accent" style={{ width: `${progressOf(item) * 100}%` }} />
          </div>
          <div className="mt-5 flex flex-wrap items-center gap-2">
            <Link {...watchLink(item)} className={buttonLook("strong", "text-base md:px-6")}>
              <Icon.Play aria-hidden />
              {at >= 1 ? t.resume(clock(at)) : t.play}
            </Link>
            <div className="flex gap-2">
              {item.facts?.work && (
                <Link {...workLink(item)} className={buttonLook()}>
                  {t.details}
                </Link>
              )}
              <MoreButton item={item} className="text-text!" />
            </div>
          </div>
        </div>
      </section>
    </div>
  );
}
