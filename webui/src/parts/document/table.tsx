import { useMemo, useState } from "react";
import { texts } from "@/i18n";
import { documents as english } from "@/i18n/en/documents";
import { Button } from "../button";
import { legible } from "../words";
import { rowsOf } from "./csv";

const t = texts("documents", english);

const STEP = 500;
const COLUMNS = 50;

/** Comma-separated values as a table, the first line as its head; some hundred rows at a time. */
export function Table({ text, whole, name }: { text: string; whole: boolean; name: string }) {
  const [most, setMost] = useState(STEP);
  const rows = useMemo(() => rowsOf(text, { most: most + 1, columns: COLUMNS, cut: !whole }), [text, whole, most]);
  const [head, ...body] = rows;
  const more = rows.length > most;
  return (
    <div className="grid gap-3">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
      <section aria-label={t.tableOf(legible(name))} className="overflow-auto rounded-md bg-surface" tabIndex={0}>
        <table className="min-w-full border-collapse text-md">
          <thead className="sticky top-0 bg-raised text-start">
            <tr>
              {head?.map((cell, at) => (
                <th key={at} scope="col" dir="auto" className="px-3 py-2 text-start font-medium whitespace-nowrap">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.slice(0, most - 1).map((row, at) => (
              <tr key={at} className="border-t border-line">
                {row.map((cell, column) => (
                  <td key={column} dir="auto" className="max-w-96 px-3 py-1.5 align-top wrap-anywhere">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {more && (
        <Button className="justify-self-center" onClick={() => setMost(most + STEP)}>
          {t.moreRows(STEP)}
        </Button>
      )}
    </div>
  );
}
