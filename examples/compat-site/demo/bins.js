import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const described = import.meta.resolve('@pagetree/warm/package.json');
const { bin } = JSON.parse(readFileSync(new URL(described), 'utf8'));

/** The file behind a command of `@pagetree/warm`. */
export function binOf(name) {
  return fileURLToPath(new URL(bin[name], described));
}
