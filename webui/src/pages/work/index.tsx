import { PageHead } from "@/parts/head";

export function Work() {
  return <PageHead title="Work" />;
}
