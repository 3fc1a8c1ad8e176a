/** Faults of pages that may be between two states. */
import type { Fills } from './fills.ts';
import type { Fault } from './findings.ts';

/** A page that is being stored is between two states, so its faults count only when it is left alone and looked at again. */
export async function settled(
  { fills }: { readonly fills: Fills },
  key: string,
  judge: () => Promise<Fault | undefined>,
): Promise<Fault | undefined> {
  return (await fills.isBusy(key)) ? undefined : judge();
}
