import { existsSync, readFileSync } from 'node:fs';

/** What this package says of itself. */
export interface OwnPackage {
  readonly folder: URL;
  readonly json: { readonly name: string; readonly version: string };
}

/**
 * Reads the `package.json` of this package: the nearest above this file, wherever the build has put it.
 *
 * @throws the error of the file system, when there is none up to the root.
 */
export function ownPackage(): OwnPackage {
  let folder = new URL('.', import.meta.url);
  for (let below = ''; folder.href !== below && !existsSync(new URL('package.json', folder)); ) {
    below = folder.href;
    folder = new URL('..', folder);
  }
  return { folder, json: JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) };
}
