import type { Texts } from "@/i18n";

const areas = import.meta.glob<Record<string, Texts>>(["./*.ts", "!./index.ts"], { eager: true });

/** The texts of each area, by its name: what each file here exports. */
export const ar: Record<string, Texts> = Object.assign({}, ...Object.values(areas));
