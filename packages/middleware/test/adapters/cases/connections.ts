/** Connections of HTTP/1, written by hand: reuse, pipelines, old clients, bodies, and what is no request. */
import { request } from '../../support/wire.ts';
import { closed } from '../http1.ts';
import { broken, html, NOBODY_ANSWERS } from '../stage.ts';
import type { Case, Cases } from '../suite.ts';

/** An application that says what it was asked for, and fails where it is told to. */
const told: NonNullable<Case['answers']> = async (asked) => {
  if (asked.url.endsWith('-fails')) throw broken('failed');
  if (asked.url.endsWith('-none')) return { status: 404, body: '<p>none</p>' };
  if (asked.url.endsWith('-cut')) return { body: cut() };
  const body = asked.method === 'GET' ? '' : await asked.body();
  return { body: `<p>${asked.method} ${asked.url} ${body}</p>` };
};

async function* cut(): AsyncGenerator<string> {
  yield '<p>half';
  await new Promise(setImmediate);
  throw broken('cut');
}

/** Writes bytes, and reads until the server closes the connection. */
function writes(bytes: (path: string) => string, fates: Case['fates'] = null): Case {
  return {
    answers: told,
    client: async (client, run) => {
      const line = client.line();
      line.send(bytes(run.path));
      await Promise.race([closed(line), run.hear(NOBODY_ANSWERS)]);
    },
    fates,
    needs: ['HTTP/1'],
  };
}

const closing = ['Connection: close'];
const plainText = 'Content-Type: text/plain';
const STORED4 = ['stored', 'stored', 'stored', 'stored'];

export const connections: Cases = {
  'one connection for a page, none, an error and a query, one after the other': {
    answers: told,
    client: async (client, { path }) => {
      const line = client.line();
      for (const [target, end] of [
        [path, '</p>'],
        [`${path}-none`, '</p>'],
        [`${path}-fails`, 'r'],
        [`${path}?query`, '</p>'],
        [`${path}-more`, '</p>'],
      ] as const) {
        line.send(request(target));
        await line.until('\r\n\r\n');
        await line.until(end);
      }
      line.send(request(`${path}-last`, closing));
      await closed(line);
    },
    fates: null,
    needs: ['HTTP/1'],
  },
  'four requests in one packet': writes(
    (path) => ['-a', '-b', '-c'].map((part) => request(path + part)).join('') + request(`${path}-d`, closing),
    STORED4,
  ),
  'four requests in one packet, of which the second has no page': writes(
    (path) =>
      ['-a', '-none', '-c'].map((part) => request(path + part)).join('') + request(`${path}-d`, closing),
    ['refused: status', 'stored', 'stored', 'stored'],
  ),
  'a pipeline that is cut midway': {
    ...writes(() => ''),
    client: async (client, run) => {
      const line = client.line();
      line.send(request(run.path));
      await line.until('</p>');
      line.send(request(`${run.path}-cut`) + request(`${run.path}-c`, closing));
      await Promise.race([closed(line), run.hear(NOBODY_ANSWERS)]);
    },
  },
  'HTTP/1.0': writes((path) => request(path, [], 'GET', '1.0'), ['stored']),
  'HTTP/1.0 that keeps the connection': writes(
    (path) =>
      request(path, ['Connection: keep-alive'], 'GET', '1.0') + request(`${path}-b`, [], 'GET', '1.0'),
    ['stored', 'stored'],
  ),
  'HTTP/1.0 without a Host': writes((path) => `GET ${path} HTTP/1.0\r\n\r\n`),
  'a client that closes its half': {
    ...writes(() => ''),
    client: async (client, { path }) => {
      const line = client.line();
      line.socket.end(request(path));
      await closed(line);
    },
    fates: ['stored'],
  },
  'a request that comes in two pieces': {
    ...writes(() => ''),
    client: async (client, { path }) => {
      const line = client.line();
      const bytes = request(path, closing);
      line.send(bytes.slice(0, 20));
      await new Promise(setImmediate);
      line.send(bytes.slice(20));
      await closed(line);
    },
    fates: ['stored'],
  },
  'Expect: 100-continue': {
    ...writes(() => ''),
    client: async (client, { path }) => {
      const line = client.line();
      line.send(request(path, [...closing, plainText, 'Expect: 100-continue', 'Content-Length: 4'], 'POST'));
      await line.until('100 Continue\r\n\r\n');
      line.send('body');
      await closed(line);
    },
    fates: ['bypass: method'],
  },
  'an expectation that nobody knows': writes((path) => request(path, [...closing, 'Expect: miracles'])),
  'a body in chunks, with trailers': writes(
    (path) =>
      `${request(path, [...closing, plainText, 'Transfer-Encoding: chunked', 'Trailer: X-Sum'], 'POST')}` +
      '4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n',
    ['bypass: method'],
  ),
  'a client that leaves in the middle of its own body': {
    answers: told,
    client: async (client, { path }) => {
      const line = client.line();
      line.send(`${request(path, [plainText, 'Content-Length: 100'], 'POST')}half`);
      await new Promise(setImmediate);
      line.leave();
    },
    fates: null,
    needs: ['HTTP/1'],
  },
  'a GET with a body': writes(
    (path) => `${request(path, [...closing, plainText, 'Content-Length: 4'])}body`,
    ['bypass: request-body'],
  ),
  'two lengths that differ': writes(
    (path) => `${request(path, ['Content-Length: 1', 'Content-Length: 2'])}ab`,
    [],
  ),
  'a length and chunks': writes(
    (path) =>
      `${request(path, [...closing, 'Content-Length: 4', 'Transfer-Encoding: chunked'], 'POST')}0\r\n\r\n`,
    [],
  ),
  'no Host': writes((path) => `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`),
  'two Hosts': writes((path) => request(path, [...closing, 'Host: site.test', 'Host: other.test'])),
  'no HTTP at all': writes(() => 'hello\r\n\r\n', []),
  'a head that is too large': writes((path) => request(path, [`X-Large: ${'x'.repeat(20_000)}`]), []),
  'a field with a control byte': writes((path) => request(path, ['X-Bad: a\x01b']), []),
  'an absolute target': writes((path) => request(`http://site.test${path}`, closing)),
  'OPTIONS *': writes(() => request('*', closing, 'OPTIONS')),
  'an upgrade that nobody takes': {
    ...writes(() => ''),
    client: async (client, { path }) => {
      const line = client.line();
      line.send(request(path, ['Connection: upgrade', 'Upgrade: websocket']));
      await line.until('</p>');
      line.leave();
    },
    fates: ['bypass: upgrade'],
  },
  'a page whose connection the application closes': {
    ...writes((path) => request(path)),
    answers: () => ({ fields: { ...html, Connection: 'close' }, body: '<p>last</p>' }),
    fates: ['stored'],
  },
};
