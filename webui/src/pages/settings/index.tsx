import { PageHead } from "@/parts/head";

export function Settings() {
  return <PageHead title="Settings" />;
}
