/** What a hit answers: a pure function of the request, the page and the body that was chosen for it. */
import {
  type BodyHead,
  type ByteRange,
  evaluate,
  isCompressible,
  type PageHead,
  type PageRequest,
  rangesOf,
  type Validators,
  validatorsOf,
} from '@pagetree/core';
import { multipart, type Piece } from './multipart.ts';

/** Header fields in order; a name may come again. */
export type Fields = (readonly [name: string, value: string])[];

/** An answer before it is sent. */
export interface Plan {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly fields: Fields;
  /** What the body is made of, in order; nothing for an answer without a body. */
  readonly pieces: readonly Piece[];
}

/** What all answers from one body have in common. */
export interface Common {
  readonly validators: Validators;
  /** The fields that every answer with, or about, the page has; a 304 has no others (RFC 9110, 15.4.5). */
  readonly fields: Fields;
}

/** A body up to this size is read at once, in bytes; a larger one is streamed. */
export const SMALL = 65_536;

/**
 * Plans the answer (RFC 9110, 13 to 15). Preconditions come before ranges, and both are about the chosen
 * variant, which is a file of its own with its own validators, as in nginx.
 *
 * @param boundary separates the parts of several ranges; it must not occur in the page.
 */
export function planAnswer(
  request: PageRequest,
  page: PageHead,
  body: BodyHead,
  boundary: string,
  { validators, fields }: Common = commonOf(page, body),
): Plan {
  const verdict = evaluate(request.headers, validators);
  if (verdict === 'precondition-failed') return empty(412, []);
  if (verdict === 'not-modified') return { status: 304, fields, pieces: [] };
  const ranges = rangesOf(request, validators, body.size);
  if (ranges === 'unsatisfiable') return empty(416, [['Content-Range', `bytes */${body.size}`]]);
  if (ranges === undefined || !canSend(ranges, body)) {
    return {
      status: 200,
      fields: wholeFields(page, body, fields),
      pieces: [{ start: 0, end: body.size - 1 }],
    };
  }
  const coded = codedFields(body);
  if (ranges.length === 1) {
    const [range] = ranges as [ByteRange];
    return {
      status: 206,
      fields: [
        ...fields,
        ['Content-Type', page.contentType],
        ...coded,
        ['Content-Range', `bytes ${range.start}-${range.end}/${body.size}`],
        ['Content-Length', `${range.end - range.start + 1}`],
      ],
      pieces: [range],
    };
  }
  const parts = multipart(ranges, body.size, page.contentType, boundary);
  return {
    status: 206,
    fields: [
      ...fields,
      ['Content-Type', `multipart/byteranges; boundary=${boundary}`],
      ...coded,
      ['Content-Length', `${parts.length}`],
    ],
    pieces: parts.pieces,
  };
}

/** What all answers from a body have in common. */
export function commonOf(page: PageHead, body: BodyHead): Common {
  const validators = validatorsOf(body.mtimeMs, body.size);
  const varies = body.coding !== 'identity' || isCompressible(page.contentType.split(';', 1)[0]!);
  return {
    validators,
    fields: [
      ...page.headers,
      ['ETag', validators.etag],
      ['Last-Modified', validators.lastModified],
      ['Accept-Ranges', 'bytes'],
      ['Cache-Control', page.cacheControl],
      // A variant may come at any time: a cache nearer to the browser must know it before.
      ...(varies ? ([['Vary', 'Accept-Encoding']] as const) : []),
    ],
  };
}

/** The fields of an answer with all of the body. */
export function wholeFields(page: PageHead, body: BodyHead, fields: Fields): Fields {
  return [
    ...fields,
    ['Content-Type', page.contentType],
    ...codedFields(body),
    ['Content-Length', `${body.size}`],
  ];
}

function codedFields({ coding }: BodyHead): Fields {
  return coding === 'identity' ? [] : [['Content-Encoding', coding]];
}

function empty(status: 412 | 416, fields: Fields): Plan {
  return { status, fields: [...fields, ['Content-Length', '0']], pieces: [] };
}

/** A large body is read once from front to back: ranges in another order are answered with the page (RFC 9110, 14.2). */
function canSend(ranges: readonly ByteRange[], body: BodyHead): boolean {
  if (body.size <= SMALL) return true;
  return ranges.every((range, at) => at === 0 || range.start > ranges[at - 1]!.end);
}
