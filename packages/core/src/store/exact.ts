/**
 * Names on file systems that fold them. There `/Foo` and `/foo` would share a file, so a place counts only if every one of its
 * names stands in the tree as it is written. Reading folders for that is slow; such systems are for development.
 */
import { codeOf, type Io } from './io.ts';

/**
 * Whether some name on the way to a path stands in the tree in another spelling. A path that is not there, or not all of it, is
 * not folded.
 */
export async function isFolded(io: Io, root: string, path: string): Promise<boolean> {
  let folder = root;
  for (const name of path.split('/')) {
    let names: string[];
    try {
      names = await io.names(folder);
      await io.lstat(`${folder}/${name}`);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      throw error;
    }
    if (!names.includes(name)) return true;
    folder = `${folder}/${name}`;
  }
  return false;
}
