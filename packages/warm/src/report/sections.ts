/** A part of the site: the pages whose paths begin alike. */
export interface Section {
  /** The segment of the path. */
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  /** Pages that are not stored. */
  readonly missing: number;
  /** What is below it; not all of it, when there is too much. */
  readonly parts: ReadonlyMap<string, Section> | undefined;
}

interface Growing extends Section {
  pages: number;
  bytes: number;
  missing: number;
  parts: Map<string, Growing> | undefined;
}

/** The most sections that are told apart, level by level; what comes later is counted with the section above it. */
const mostSections = [1000, 5000, 5000];
const longestName = 80;

/** Which parts a site has, by its paths. */
export class Sections {
  readonly root: Section = begin('');
  readonly #sections = mostSections.map(() => 0);

  /** @param path Of a page, with or without a query. */
  add(path: string, bytes: number, isMissing: boolean): void {
    const segments = path
      .split(/[?#]/, 1)[0]!
      .split('/')
      .slice(1, mostSections.length + 1);
    let section = this.root as Growing;
    count(section, bytes, isMissing);
    for (const [level, segment] of segments.entries()) {
      if (segment === '') return;
      const name = segment.slice(0, longestName);
      let part = section.parts?.get(name);
      if (part === undefined) {
        if (this.#sections[level]! >= mostSections[level]!) return;
        this.#sections[level]! += 1;
        part = begin(name);
        section.parts ??= new Map();
        section.parts.set(name, part);
      }
      section = part;
      count(section, bytes, isMissing);
    }
  }
}

function begin(name: string): Growing {
  return { name, pages: 0, bytes: 0, missing: 0, parts: undefined };
}

function count(section: Growing, bytes: number, isMissing: boolean): void {
  section.pages += 1;
  section.bytes += bytes;
  if (isMissing) section.missing += 1;
}
