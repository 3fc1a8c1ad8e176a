/** The layouts as a web server can follow them: from the form of a path to the file to try. Pure. */
import type { Manifest } from '@pagetree/core';
import { extensionOf, type TypeTable } from './model.ts';
import { literal } from './spelling.ts';

/**
 * The forms of a path, by its last segment. `plain`: anything that does not end in a slash. `dotted`: the name has a dot
 * that is not in front. `undotted`: it has none.
 */
export type Form = 'root' | 'slash' | 'plain' | 'dotted' | 'undotted';

/** One file to try for paths of a form: the path itself and `suffix` behind it. */
export interface Lookup {
  readonly form: Form;
  readonly suffix: string;
  /** The extension of the file where it does not come from the path. `undefined`: it is that of the path. */
  readonly extension: string | undefined;
  /** Paths that match this, without regard to case, are left out. */
  readonly unless?: string;
}

/** Patterns of the forms, for any engine and for decoded and encoded paths alike. */
export const forms: Readonly<Record<Form, string>> = {
  root: '^/$',
  slash: '^/(?:.*/)?$',
  plain: '^/.*[^/]$',
  dotted: '^/(?:.*/)?[^/]+\\.[^/]*$',
  undotted: '^/(?:.*/)?\\.?[^/.]+$',
};

/**
 * The files to try, in order. A page inside its own folder is looked for where its type is HTML and follows from the file too:
 * pages of other types are never moved there.
 */
export function lookupsOf(manifest: Manifest, types: TypeTable): readonly Lookup[] {
  const { layout, directoryIndex, pageFile, trailingSlash } = manifest;
  const index = (form: Form, before = ''): Lookup => ({
    form,
    suffix: before + directoryIndex,
    extension: extensionOf(directoryIndex),
  });
  const itself = (form: Form): Lookup => ({ form, suffix: '', extension: undefined });
  if (layout === 'html') {
    return [index('slash'), itself('dotted'), { form: 'undotted', suffix: '.html', extension: 'html' }];
  }
  if (layout === 'index') {
    return trailingSlash === 'always'
      ? [index('slash'), itself('dotted')]
      : [index('root'), itself('dotted'), index('undotted', '/')];
  }
  const html = 'text/html; charset=utf-8';
  const ofPageFile = types.extensions.get(extensionOf(pageFile)) ?? types.fallback;
  const typed = [...types.extensions].filter(([, type]) => type !== html).map(([extension]) => extension);
  const inFolder: Lookup = {
    form: 'plain',
    suffix: `/${pageFile}`,
    extension: extensionOf(pageFile),
    unless: `[^/]\\.(?:${typed.map(literal).join('|')})$`,
  };
  const movable = types.fallback === html && ofPageFile === html;
  return [index('slash'), itself('plain'), ...(movable ? [inFolder] : [])];
}
