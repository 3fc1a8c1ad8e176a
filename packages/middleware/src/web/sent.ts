/** Looks at the head of a response when it is sent. */
import type { ServerResponse } from 'node:http';
import type { ResponseHead } from '@pagetree/core';
import { sentHeaders } from '../node/head.ts';
import { wrap } from '../node/patch.ts';

/** Resolves with the head that the client gets, whatever was added to it above the cache. */
export function headSent(outgoing: ServerResponse): Promise<ResponseHead> {
  return new Promise((resolve) => {
    wrap(
      outgoing,
      'writeHead',
      (original) =>
        function writeHead(...args) {
          const result = original.apply(this, args);
          resolve({ status: outgoing.statusCode, headers: sentHeaders(outgoing, args) });
          return result;
        },
    );
  });
}
