import type { Texts } from "@/i18n";
import { item } from "./item";
import { login } from "./login";
import { shell } from "./shell";
import { status } from "./status";

export const ar: Record<string, Texts> = { item, login, shell };
export const ar: Record<string, Texts> = { login, shell, status };
