import { PageHead } from "@/parts/head";

export function Watch() {
  return <PageHead title="Watch" />;
}
