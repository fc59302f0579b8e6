import { PageHead } from "@/parts/head";

export function History() {
  return <PageHead title="History" />;
}
