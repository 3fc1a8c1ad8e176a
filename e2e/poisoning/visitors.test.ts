/** A page of one visitor never reaches another one, whoever waits for whom, and whatever says that it is personal. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adapters } from '../../packages/middleware/test/adapters/adapters.ts';
import { answerOf } from '../../packages/middleware/test/adapters/clients.ts';
import { html, type Played } from '../../packages/middleware/test/adapters/stage.ts';
import { type Playing, startPlaying } from '../../packages/middleware/test/adapters/suite.ts';
import { Line, request } from '../../packages/middleware/test/support/wire.ts';

/** How an application says, at the last moment, that a page is for one visitor alone. */
const personal: readonly { readonly status?: number; readonly fields: Record<string, string> }[] = [
  { fields: { ...html, 'Set-Cookie': 'session=1' } },
  { fields: { ...html, 'Cache-Control': 'private' } },
  { fields: { ...html, 'Cache-Control': 'no-store' } },
  { fields: { ...html, 'Cache-Control': 'no-cache' } },
  { fields: { ...html, Vary: 'Cookie' } },
  { fields: { ...html, Vary: '*' } },
  { status: 403, fields: html },
  { status: 203, fields: html },
  { fields: { ...html, 'CDN-Cache-Control': 'no-store' } },
];

/** Every round is a path of its own, so that nobody knows of it yet; each tenth has a page for everybody. */
const application: Played = {
  answers: async ({ url, fields }) => {
    const round = Number(url.slice('/round'.length));
    // Others come while the page is made.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    const says = personal[round % 10];
    if (says === undefined) return { body: `<p>${url} for everybody</p>` };
    return { ...says, body: `<p>${url} for ${fields['x-visitor']}</p>` };
  },
};

function expected(round: number, visitor: string): string {
  return `<p>/round${round} for ${round % 10 === 9 ? 'everybody' : visitor}</p>`;
}

/** The files of a tree in which a visitor is named. */
async function naming(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  return files.filter((_, at) => texts[at]!.includes('visitor'));
}

async function start(...[adapter, isOn, tree]: Parameters<typeof startPlaying>): Promise<Playing> {
  const playing = await startPlaying(adapter, isOn, tree);
  onTestFinished(() => playing.stop());
  playing.stage.play(application, '/');
  return playing;
}

describe('twenty visitors at once, on a page that nobody has asked for yet', () => {
  it('of two servers on one tree, 500 times, while pages are purged', async () => {
    const [adapter] = adapters;
    const first = await start(adapter!, true);
    const second = await start(adapter!, true, first.dir);
    const lines = Array.from({ length: 20 }, (_, at) => new Line([first, second][at % 2]!.port));
    onTestFinished(() => {
      for (const line of lines) line.leave();
    });
    const wrong: string[] = [];
    for (let round = 0; round < 500; round += 1) {
      const purged = round % 7 === 0 ? first.cache!.purge('/', { recursive: true }) : undefined;
      await Promise.all(
        lines.map(async (line, at) => {
          const visitor = `visitor-${round}-${at}`;
          line.send(request(`/round${round}`, [`X-Visitor: ${visitor}`]));
          const answer = await line.until('</p>');
          if (!answer.endsWith(expected(round, visitor))) wrong.push(`${visitor}: ${answer}`);
        }),
      );
      await purged;
    }
    expect(wrong).toEqual([]);
    // Pages for everybody were stored, others were refused, and some did wait and were answered from the tree.
    const events = [...first.events, ...second.events];
    for (const fate of ['stored', 'refused', 'hit'] as const) {
      expect(events.filter(({ type }) => type === fate).length, fate).toBeGreaterThan(10);
    }
    expect(await naming(first.dir!)).toEqual([]);
  });

  it.each(adapters.map((adapter) => [adapter.name, adapter] as const))('of %s', async (_, adapter) => {
    const site = await start(adapter, true);
    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          const visitor = `visitor-${round}-${at}`;
          const { body } = await answerOf(adapter, site.port, {
            target: `/round${round}`,
            fields: { 'X-Visitor': visitor },
          });
          return [`${body}`, expected(round, visitor)];
        }),
      );
      for (const [body, page] of answers) expect(body).toBe(page);
    }
    expect(await naming(site.dir!)).toEqual([]);
  });
});
