import { PageHead } from "@/parts/head";

export function Films() {
  return <PageHead title="Films" />;
}
