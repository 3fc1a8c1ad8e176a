/**
 * Ends what a run had open, one after the other, also when one of them fails.
 *
 * @param errors What went wrong before. The first of all errors is thrown: the others may only follow from it.
 */
export async function endAll(errors: unknown[], ends: readonly (() => unknown)[]): Promise<void> {
  for (const end of ends) {
    try {
      await end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
