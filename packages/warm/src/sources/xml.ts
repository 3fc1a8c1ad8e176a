import { SaxesParser } from 'saxes';
import { WarmError } from '../errors.ts';
import { AmpersandFinder } from './ampersands.ts';

/** Who hears of the elements of a document. Names are without their prefix; a path is `urlset/url/loc`. */
export interface XmlListener {
  open(path: string, attributes: Readonly<Record<string, string>>, line: number): void;
  /** The text that stands directly in the element, without blanks around it. */
  close(path: string, text: string, line: number): void;
  /** The document breaks a rule of XML. Reading goes on. */
  problem(what: string, line: number): void;
}

/** How deep elements may stand in one another: sitemaps need four, feeds a few more. */
const deepest = 64;
/** The most characters of one piece: a tag with its attributes, a text, a comment, the document type. */
const longestPiece = 128 * 1024;
/** The most characters of an element's text. The longest that is of use is a URL. */
const longestText = 16 * 1024;
/** Characters that are parsed at once: a piece can be longer than its cap by so many. */
const sliceSize = 16 * 1024;
/** After so many problems the document is no XML. */
const mostProblems = 100;

/**
 * Reads XML as it comes, in bounded memory. Entities are never expanded, document types never read, and what
 * is nested too deep or too long ends the reading.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` from `write` and `end`, with what is wrong and the line.
 */
export class XmlReader {
  readonly #parser = new SaxesParser({ xmlns: false, position: true });
  readonly #listener: XmlListener;
  readonly #ampersands = new AmpersandFinder();
  #path: string[] = [];
  #texts: string[] = [];
  /** Characters since the parser last had something to say. */
  #silent = 0;
  #problems = 0;

  constructor(listener: XmlListener) {
    this.#listener = listener;
    const parser = this.#parser;
    const heard = () => {
      this.#silent = 0;
    };
    parser.on('opentag', ({ name, attributes }) => {
      heard();
      if (this.#path.length >= deepest)
        throw this.#refuse(`elements stand more than ${deepest} deep in one another`);
      this.#path.push(localName(name));
      this.#texts.push('');
      listener.open(this.#path.join('/'), attributes, parser.line);
    });
    parser.on('closetag', () => {
      heard();
      const path = this.#path.join('/');
      this.#path.pop();
      listener.close(path, (this.#texts.pop() ?? '').trim(), parser.line);
    });
    parser.on('text', (text) => {
      heard();
      this.#addText(text);
    });
    parser.on('cdata', (text) => {
      heard();
      this.#addText(text);
    });
    parser.on('comment', heard);
    parser.on('processinginstruction', heard);
    parser.on('doctype', heard);
    parser.on('error', (error) => this.#report(error));
  }

  get line(): number {
    return this.#parser.line;
  }

  write(text: string): void {
    for (let at = 0; at < text.length; at += sliceSize) {
      this.#parse(this.#ampersands.push(text.slice(at, at + sliceSize)));
    }
  }

  end(): void {
    this.#parse(this.#ampersands.end());
    this.#parser.close();
  }

  #parse(pieces: readonly string[]): void {
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) {
        this.#note('has a & that is not written as &amp;');
        this.#parser.write('&amp;');
      }
      this.#silent += piece.length;
      this.#parser.write(piece);
      if (this.#silent > longestPiece) {
        throw this.#refuse(`a piece of it is longer than ${longestPiece} characters`);
      }
    }
  }

  #addText(text: string): void {
    const last = this.#texts.length - 1;
    if (last < 0) return;
    const room = longestText - this.#texts[last]!.length;
    if (room > 0) this.#texts[last] += text.slice(0, room);
  }

  /** The parser puts the position in front: `12:3: unclosed tag: url`. */
  #report(error: Error): void {
    this.#note(error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, ''));
  }

  #note(problem: string): void {
    this.#problems += 1;
    this.#listener.problem(problem, this.#parser.line);
    if (this.#problems >= mostProblems) throw this.#refuse(`it has ${mostProblems} mistakes up to there`);
  }

  #refuse(what: string): WarmError {
    return new WarmError('ERR_PAGETREE_LIST', `line ${this.#parser.line}: ${what}`);
  }
}

/** `sm:url` is `url`: which prefix a name has is up to its writer. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
