/** What all generators share: comments, tables, and the refusal of what a server's syntax cannot hold. Pure. */
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { Model, TypeTable } from './model.ts';

/**
 * The complaint about a value that cannot be written down.
 *
 * @param what The option or the field of the manifest, and the server's reason.
 */
export function cannotWrite(option: string, server: string, value: string, hint: string): WarmError {
  const message = `${option}: ${server} cannot be told ${JSON.stringify(printable(value, 120))}.`;
  return new WarmError('ERR_PAGETREE_OPTION', message, { hint });
}

/** Comment lines. What comes from outside can't end one. */
export function comment(...lines: readonly string[]): string {
  return lines.map((line) => `# ${printable(line, 2000)}\n`).join('');
}

/** Shifts every line that has something in it to the right, by levels of two blanks. */
export function indented(text: string, levels: number): string {
  return text.replace(/^(?=[^\n])/gm, '  '.repeat(levels));
}

/** The comment that every configuration begins with. */
export function header(model: Model, server: string): string {
  const { manifest, upstream } = model;
  return comment(
    `${server} in front of a Pagetree cache. Made by:`,
    `  ${model.command}`,
    `It follows from the manifest of the tree (layout ${manifest.layout}). Make it again when layout, types, cacheControl`,
    'or the rules about requests change, rather than editing it here.',
    ...(upstream === undefined ? ['There is no application: what is not in the tree is not found.'] : []),
  );
}

/** The extensions of each type, as they are sent; those of the fallback are left out. */
export function extensionsByType({ extensions, fallback }: TypeTable): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const [extension, type] of extensions) {
    if (type === fallback) continue;
    grouped.set(type, [...(grouped.get(type) ?? []), extension]);
  }
  return grouped;
}

/** Refuses what no server's configuration can hold: control characters, and text that is not well-formed. */
export function refuseControls(option: string, server: string, value: string): void {
  if (!/[\p{Cc}\p{Cs}]/u.test(value)) return;
  throw cannotWrite(option, server, value, `Correct ${option}: control characters cannot be written.`);
}
