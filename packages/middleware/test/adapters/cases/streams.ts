/** Pages in pieces: early bytes, slow readers, sources that fail, clients that leave. */
import { broken, html, type Run } from '../stage.ts';
import type { Case, Cases } from '../suite.ts';

type Body = AsyncGenerator<string | Buffer>;

/** A page whose body comes from a generator. */
function streaming(body: (run: Run) => Body, rest: Omit<Case, 'answers'> = {}, fields = {}): Case {
  return { answers: ({ run }) => ({ fields: { ...html, ...fields }, body: body(run) }), ...rest };
}

async function turn(): Promise<void> {
  await new Promise(setImmediate);
}

async function* inTurns(): Body {
  for (const piece of ['<p>', 'in', ' turns', '</p>']) {
    yield piece;
    await turn();
  }
}

async function* failing(): Body {
  yield 'half';
  await turn();
  throw broken('render failed');
}

/** Sends half a page; the rest comes when the client is gone. */
async function* abandoned(run: Run): Body {
  yield 'half';
  await run.hear('left');
  yield 'a page';
}

/** Leaves when half of the page is there. */
const leavesMidway: NonNullable<Case['client']> = async (client, run) => {
  const opened = client.open();
  await opened.until('half');
  opened.leave();
  await run.alone();
  run.tell('left');
};

/** Says one thing, and the next when it is time to go. */
function stayingOpen(type: string): Case {
  return {
    answers: ({ run }) => ({
      fields: { 'Content-Type': type },
      body: (async function* () {
        yield 'data: 1\n\n';
        await run.hear('time to go');
        yield 'data: 2\n\n';
      })(),
    }),
    client: async (client, run) => {
      const all = [];
      for (let at = 0; at < 3; at += 1) {
        const opened = client.open();
        await opened.until('data: 1');
        all.push(opened);
      }
      run.tell('time to go');
      for (const opened of all) await opened.done();
    },
    // The last one may come while the one before gives its permission back: then it is told so, and does not wait.
    fates: null,
  };
}

export const streams: Cases = {
  'an event stream that stays open, to three clients': stayingOpen('text/event-stream'),
  'pictures that replace each other, to three clients': stayingOpen('multipart/x-mixed-replace; boundary=x'),
  'a page in pieces over several turns': streaming(inTurns),
  'a page in a thousand pieces': streaming(async function* () {
    for (let at = 0; at < 1000; at += 1) yield `${at},`;
  }),
  'a page in pieces with its length': streaming(inTurns, {}, { 'Content-Length': '15' }),
  'ten megabytes in pieces, to a client that reads slowly': streaming(
    async function* () {
      for (let at = 0; at < 160; at += 1) yield Buffer.alloc(65_536, 'y');
    },
    {
      client: async (client) => {
        const opened = client.open();
        opened.slowly();
        await opened.done();
      },
    },
  ),
  'the first piece is there before the second is made': streaming(
    async function* (run) {
      yield '<p>early';
      await run.hear('the first piece');
      yield '</p>';
    },
    {
      client: async (client, run) => {
        const opened = client.open();
        await opened.until('<p>early');
        run.tell('the first piece');
        await opened.done();
      },
    },
  ),
  'fewer bytes than Content-Length': streaming(inTurns, { fates: null }, { 'Content-Length': '20' }),
  'more bytes than Content-Length': streaming(inTurns, { fates: null }, { 'Content-Length': '9' }),
  'a source that fails before its first piece': streaming(
    async function* () {
      yield await Promise.reject<string>(broken('render failed'));
    },
    { fates: null },
  ),
  'a source that fails midway': streaming(failing, { fates: ['aborted: unfinished'] }),
  'a source that fails midway, with a length that was promised': streaming(
    failing,
    { fates: ['aborted: unfinished'] },
    { 'Content-Length': '100' },
  ),
  'a client that leaves midway': streaming(abandoned, {
    client: leavesMidway,
    fates: ['aborted: unfinished'],
  }),
  'a client that leaves before the first byte': {
    answers: async ({ run }) => {
      run.tell('asked');
      await run.hear('left');
      return { body: inTurns() };
    },
    client: async (client, run) => {
      const opened = client.open();
      await run.hear('asked');
      opened.leave();
      await run.alone();
      run.tell('left');
    },
    // Elsewhere the application may still end the page in one piece, and has ten seconds for that.
    fates: null,
    fatesOn: {
      'Koa 2': ['aborted: unfinished'],
      'Koa 3': ['aborted: unfinished'],
      Hono: ['aborted: unfinished'],
      'a fetch handler': ['aborted: unfinished'],
    },
  },
  'a client that leaves while a large page is on its way': streaming(
    async function* () {
      yield 'half';
      for (let at = 0; at < 640; at += 1) yield Buffer.alloc(65_536, 'z');
    },
    { client: leavesMidway, fates: null },
  ),
};
