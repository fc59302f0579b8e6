import qrcode from "qrcode-generator";
import { texts } from "@/i18n";
import { watch as english } from "@/i18n/en/watch";

const t = texts("watch", english);
const QUIET = 4; // modules around the code

/** A QR code of the page, for the camera of a phone. Dark on light in every theme, as cameras want it. */
export default function Phone({ address }: { address: string }) {
  const code = qrcode(0, "M");
  code.addData(address);
  code.make();
  const size = code.getModuleCount();
  const rows = Array.from({ length: size }, (_, at) => at);
  const path = rows
    .flatMap((y) => rows.filter((x) => code.isDark(y, x)).map((x) => `M${x + QUIET} ${y + QUIET}h1v1h-1z`))
    .join("");
  const whole = size + 2 * QUIET;
  return (
    <figure className="m-0 flex flex-wrap items-center gap-4 rounded-lg bg-surface p-4">
      <svg
        role="img"
        aria-label={t.qrOf}
        viewBox={`0 0 ${whole} ${whole}`}
        className="size-44 rounded-md bg-white"
        shapeRendering="crispEdges"
      >
        <path d={path} className="fill-black" />
      </svg>
      <figcaption className="max-w-60 text-muted">{t.phoneHint}</figcaption>
    </figure>
  );
}
