import { PageHead } from "@/parts/head";

export function Hidden() {
  return <PageHead title="Hidden" />;
}
