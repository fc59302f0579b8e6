import { PageHead } from "@/parts/head";

export function Library() {
  return <PageHead title="Library" />;
}
