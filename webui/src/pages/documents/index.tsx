import { PageHead } from "@/parts/head";

export function Documents() {
  return <PageHead title="Documents" />;
}
