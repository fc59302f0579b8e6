import { PageHead } from "@/parts/head";

export function Music() {
  return <PageHead title="Music" />;
}
