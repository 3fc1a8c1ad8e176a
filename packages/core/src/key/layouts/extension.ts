/**
 * Whether a name has an extension: a dot anywhere but in front. The layouts that append something to a name
 * leave such a name as it is, because the type of the page depends on it.
 */
export function hasExtension(name: string): boolean {
  return name.lastIndexOf('.') > 0;
}
