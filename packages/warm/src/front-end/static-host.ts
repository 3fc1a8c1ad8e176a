/**
 * The files `_headers` and `_redirects` for a tree of the layout `index` on a static host. Netlify and Cloudflare Pages read
 * both. Pure.
 */
import { WarmError } from '../errors.ts';
import type { Model, PrefixRule } from './model.ts';
import { comment, header, refuseControls } from './writing.ts';

/** The two files. */
export interface StaticHostFiles {
  readonly _headers: string;
  readonly _redirects: string;
}

/**
 * Writes the files.
 *
 * @throws {WarmError} ERR_PAGETREE_OPTION when such a host can't serve the tree as the middleware does.
 */
export function staticHostFiles(model: Model): StaticHostFiles {
  refuseOtherTrees(model);
  const { types, cacheControl } = model;
  const intro = header({ ...model, upstream: undefined }, 'A static host');
  const rules = [
    ...rulesText('types', 'Content-Type', types.prefixes),
    ...rulesText('cacheControl', 'Cache-Control', cacheControl),
  ];
  const about =
    rules.length > 0
      ? 'Netlify and Cloudflare Pages read this file. All other pages have the type that the host knows for their extension.'
      : 'Netlify and Cloudflare Pages read this file. The tree has no rule about types or cacheControl, so they need none.';
  return {
    _headers: `${intro}${comment(about)}${rules.join('')}`,
    _redirects: `${intro}${comment(
      'Netlify reads these lines. Cloudflare Pages knows no such status: do not upload these files there.',
    )}/.pagetree/* /404.html 404!\n/CACHEDIR.TAG /404.html 404!\n`,
  };
}

function refuseOtherTrees({ manifest }: Model): void {
  const { layout, trailingSlash, directoryIndex, contentType } = manifest;
  const hint =
    'Make another tree for static hosting: cache-warm --layout index --variants none --cache-dir ./public';
  const wrong = (option: string, expected: string, came: string, why: string): WarmError =>
    new WarmError(
      'ERR_PAGETREE_OPTION',
      `${option}: a static host ${why}: expected ${expected}, but the tree has ${JSON.stringify(came)}.`,
      { hint },
    );
  if (layout !== 'index') throw wrong('layout', 'index', layout, 'looks for a page in a folder of its name');
  if (trailingSlash !== 'always')
    throw wrong('trailingSlash', 'always', trailingSlash, 'sends /foo on to /foo/');
  if (directoryIndex !== 'index.html')
    throw wrong('directoryIndex', 'index.html', directoryIndex, 'calls the page of a folder index.html');
  if (contentType !== 'text/html')
    throw wrong('contentType', 'text/html', contentType, 'takes the type from the extension alone');
  const own = Object.keys(manifest.types).find((name) => name.startsWith('.'));
  if (own !== undefined)
    throw wrong('types', 'path prefixes', own, 'takes the type from the extension alone');
}

/** Of two rules that cover a page one host takes both, the other one the longer: so no rule may be below another one. */
function rulesText(option: string, name: string, rules: readonly PrefixRule[]): string[] {
  return rules.map(({ prefix, value }) => {
    const above = rules.find(
      (other) => other.prefix !== prefix && `${prefix}/`.startsWith(slashed(other.prefix)),
    );
    if (above !== undefined) {
      throw new WarmError(
        'ERR_PAGETREE_OPTION',
        `${option}: a static host joins the values of ${above.prefix} and ${prefix}, which is below it.`,
        { hint: `Name paths in ${option} so that none is below another one.` },
      );
    }
    if (/[*:]/.test(prefix)) {
      throw new WarmError(
        'ERR_PAGETREE_OPTION',
        `${option}: a static host takes * and : in ${prefix} for a pattern.`,
        { hint: `Name another path in ${option}.` },
      );
    }
    refuseControls(option, 'A static host', value);
    const itself = prefix.endsWith('/') ? '' : `\n${prefix}\n  ${name}: ${value}\n`;
    return `${itself}\n${slashed(prefix)}*\n  ${name}: ${value}\n`;
  });
}

function slashed(prefix: string): string {
  return prefix.endsWith('/') ? prefix : `${prefix}/`;
}
