import { PageHead } from "@/parts/head";

export function Manage() {
  return <PageHead title="Manage" />;
}
