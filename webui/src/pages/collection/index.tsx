import { PageHead } from "@/parts/head";

export function Collection() {
  return <PageHead title="Collection" />;
}
