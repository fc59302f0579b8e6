import { PageHead } from "@/parts/head";

export function Photos() {
  return <PageHead title="Photos" />;
}
