// Addresses are added one after another, until there is a fault that is not one of the address. Pure but for `add`.

import type { Job } from "@/api/jobs";
import { Problem } from "@/api/problem";

export type Result = {
  added: number;
  already: { address: string; job: Job }[];
  /** Why each was not taken, in the words of the server. */
  refused: { address: string; why: string }[];
  /** Those that were not tried any more. */
  untried: string[];
};
type Add = (address: string, name: string) => Promise<{ job: Job; isNew: boolean }>;

const OF_THE_ADDRESS = new Set([400, 404, 422]);

/** `tried` is told how many addresses have been tried. */
export async function addAll(
  addresses: readonly string[],
  name: string,
  add: Add,
  tried: (count: number) => void,
): Promise<Result> {
  const result: Result = { added: 0, already: [], refused: [], untried: [] };
  for (const [at, address] of addresses.entries()) {
    try {
      const { job, isNew } = await add(address, name);
      if (isNew) result.added += 1;
      else result.already.push({ address, job });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      result.refused.push({ address, why: error.message });
      if (!OF_THE_ADDRESS.has(error.status)) return { ...result, untried: addresses.slice(at + 1) };
    }
    tried(at + 1);
  }
  return result;
}

/** What stays in the field: what was not taken, to be mended or tried again. */
export const leftOf = ({ refused, untried }: Result): string[] => [
  ...refused.map(({ address }) => address),
  ...untried,
];
