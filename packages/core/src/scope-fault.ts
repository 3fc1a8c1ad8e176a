/** What a purge may be told, for callers that no compiler has checked: scripts, and clients that send JSON. */

type Rule = readonly [isRight: (value: unknown) => boolean, expected: string];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** What each name may say. */
const rules: Readonly<Record<string, Rule>> = {
  path: [isText, 'the path of a page'],
  recursive: [(value) => typeof value === 'boolean', 'true or false'],
  glob: [isText, 'a pattern of paths'],
  tag: [isText, 'a tag'],
  olderThan: [(value) => typeof value === 'number' && Number.isFinite(value) && value >= 0, 'seconds from 0'],
  all: [(value) => value === true, 'true'],
};

const kinds = ['path', 'glob', 'tag', 'olderThan', 'all'];

/**
 * What is wrong with the scope of a purge, as a sentence without a full stop; `undefined` when it is one. A word that is not
 * understood must not make a purge wider or narrower than it was meant. A name whose value is `undefined` says nothing.
 *
 * @example
 * faultOfScope({ path: '/a', all: false }); // 'all: expected true'
 */
export function faultOfScope(scope: unknown): string | undefined {
  if (typeof scope !== 'object' || scope === null || Array.isArray(scope)) return 'expected an object';
  const said = Object.entries(scope).filter(([, value]) => value !== undefined);
  for (const [name, value] of said) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return `${shortly(name)}: unknown name`;
    if (!rule[0](value)) return `${name}: expected ${rule[1]}`;
  }
  const [kind, ...others] = said.map(([name]) => name).filter((name) => kinds.includes(name));
  if (kind === undefined || others.length > 0) return `expected exactly one of ${kinds.join(', ')}`;
  return kind !== 'path' && said.length > 1 ? 'recursive: only beside path' : undefined;
}

/** A name that somebody made up, short and in quotes. */
function shortly(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name);
}
