/** Whether an answer of a front-end server is the stored page. Pure. */
import { withoutPasswordOf } from '../report/printable.ts';

/** What is stored. */
export interface Wanted {
  /** The media type, with its charset. */
  readonly contentType: string;
  /** Bytes of the body, identity encoding. */
  readonly size: number;
  readonly digest: string;
}

/** What the server answered. */
export interface Answered {
  readonly status: number;
  readonly location: string | undefined;
  readonly contentType: string | undefined;
  /** `identity` when the answer has none. */
  readonly coding: string;
  /** The body without its coding; `undefined` when it cannot be undone. */
  readonly body: { readonly size: number; readonly digest: string } | undefined;
}

/** What is wrong with an answer to a request for a coding; `undefined` when it is the page. */
export function difference(wanted: Wanted, answered: Answered, asked: string): string | undefined {
  const { status, location, contentType, coding, body } = answered;
  if (status !== 200) {
    return `status ${status} instead of 200${location === undefined ? '' : `, to ${withoutPasswordOf(location)}`}`;
  }
  if (contentType === undefined) return `no content-type instead of ${wanted.contentType}`;
  if (plainType(contentType) !== plainType(wanted.contentType)) {
    return `content-type ${contentType} instead of ${wanted.contentType}`;
  }
  // A server that does not use a variant answers with the page itself, which is right as well.
  if (coding !== 'identity' && coding !== asked) return `content-encoding ${coding}, which was not asked for`;
  if (body === undefined) return `its content-encoding ${coding} cannot be undone`;
  if (body.size !== wanted.size) return `other bytes: ${body.size} instead of ${wanted.size}`;
  return body.digest === wanted.digest ? undefined : 'other bytes, as many as are stored';
}

/** A media type as everybody means it: without the choices of spelling that change nothing (RFC 9110, 8.3.1). */
export function plainType(text: string): string {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const plain = parameters
    .filter((parameter) => parameter !== '')
    .map((parameter) => parameter.replace(/^([^=]+)="([^"\\]*)"$/, '$1=$2'));
  return [type, ...plain.sort()].join(';');
}
