import { useMe } from "@/api/me";
import { texts } from "@/i18n";
import { manage as english } from "@/i18n/en/manage";
import { missingSections } from "./sections";

const t = texts("manage", english);

/** What this server does not have, and how to get it. */
export function Missing() {
  const sections = missingSections(useMe());
  if (!sections.length) return null;
  return (
    <section aria-label={t.notHere} className="grid gap-1 px-1 text-muted">
      <h2 className="font-sans text-md font-medium">{t.notHere}</h2>
      <ul className="grid gap-1">
        {sections.map((one) => (
          <li key={one.path}>{one.missing}</li>
        ))}
      </ul>
    </section>
  );
}
