import { PageHead } from "@/parts/head";

export function Files() {
  return <PageHead title="Files" />;
}
