import { PageHead } from "@/parts/head";

export function Series() {
  return <PageHead title="Series" />;
}
