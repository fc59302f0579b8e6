import type { Texts } from "@/i18n";
import { shell } from "./shell";

export const ar: Record<string, Texts> = { shell };
