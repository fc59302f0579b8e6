import type { Texts } from "@/i18n";
import { login } from "./login";
import { shell } from "./shell";

export const ar: Record<string, Texts> = { login, shell };
