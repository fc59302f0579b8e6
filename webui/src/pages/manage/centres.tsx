import type { DataCentre } from "@/api/live";
import { count, texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { Nothing } from "@/parts/panel";
import { short } from "./numbers";

const t = texts("manage", english);

/** The connections of each account to each data centre, and how they do. */
export function Centres({ centres }: { centres: readonly DataCentre[] }) {
  if (!centres.length) return <Nothing>{t.noCentres}</Nothing>;
  const sorted = [...centres].sort((one, other) => one.account.localeCompare(other.account) || one.dc_id - other.dc_id);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways has to be reached by keys
    <section className="overflow-x-auto" tabIndex={0} aria-label={t.centresTable}>
      <table className="w-full text-start whitespace-nowrap tabular-nums">
        <thead className="text-sm text-muted *:*:px-3 *:*:py-2 *:*:text-start *:*:font-normal">
          <tr>
            <th scope="col">{t.account}</th>
            <th scope="col">{t.connections}</th>
            <th scope="col">{t.inFlight}</th>
            <th scope="col">{t.typical}</th>
            <th scope="col">{t.slow}</th>
            <th scope="col">{t.chunks}</th>
            <th scope="col">{t.again}</th>
          </tr>
        </thead>
        <tbody className="*:border-t *:border-line *:*:px-3 *:*:py-2.5 *:*:text-start">
          {sorted.map((one) => (
            <tr key={`${one.account} ${one.dc_id}`}>
              <th scope="row" className="font-normal">
                {t.centre(one.dc_id)}{" "}
                <span dir="auto" className="text-faint">
                  {one.account}
                </span>
              </th>
              <td>{count(one.connections)}</td>
              <td>{count(one.in_flight)}</td>
              <td>{one.p50 === null ? "–" : short(one.p50)}</td>
              <td>{one.p95 === null ? "–" : short(one.p95)}</td>
              <td>{count(one.chunks)}</td>
              <td>{count(one.hedged + one.lost + one.silent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
