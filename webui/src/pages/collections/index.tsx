import { PageHead } from "@/parts/head";

export function Collections() {
  return <PageHead title="Collections" />;
}
