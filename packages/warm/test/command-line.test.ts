import { Parser } from '@oclif/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complain } from '../src/commands/complain.ts';
import Purge from '../src/commands/purge.ts';
import { readQuickly } from '../src/commands/quick.ts';
import { WarmError } from '../src/errors.ts';
import { explainFailure } from '../src/fetch/failure.ts';
import { framingProblem } from '../src/fetch/framing.ts';

describe('the quick lane of cache-purge', () => {
  it('understands what is plain', () => {
    expect(readQuickly(['/a', '-rv', '--cache-dir=./cache', '-', '--', '-b'])).toEqual({
      paths: ['/a', '-', '-b'],
      flags: {
        recursive: true,
        rewarm: false,
        all: false,
        yes: false,
        'dry-run': false,
        verbose: true,
        'fail-if-missing': false,
        json: false,
        'cache-dir': './cache',
      },
    });
  });

  it.each([
    [['--help']],
    [['-h', '/a']],
    [['--version']],
    [[]],
    [['-r']],
    [['/a', '--colour']],
    [['/a', '-x']],
    [['/a', '--cache-dir']],
    [['/a', '--cache-dir', '-r']],
    [['/a', '--cache-dir', 'x', '--cache-dir', 'y']],
    [['/a', '--json=yes']],
  ])('leaves %j to oclif', (argv) => {
    expect(readQuickly(argv)).toBeUndefined();
  });

  it('reads a line as oclif does, or not at all', async () => {
    const word = fc.constantFrom(
      ...['/a', '/', '', '-', '--', '-r', '-rn', '-y', '--all', '--yes', '--dry-run', '--verbose', '--json'],
      ...[
        '--cache-dir',
        '--cache-dir=d',
        '--cache-dir=',
        '--config',
        'd',
        '--config=-r',
        ...[
          '--tag',
          '--tag=t',
          '--glob=/**',
          '--list=-',
          '--older-than',
          '--older-than=7d',
          '--fail-if-missing',
        ],
        '-1',
        '-rx',
        'a=b',
        '--all=1',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (argv) => {
        const quick = readQuickly(argv);
        if (quick === undefined) return;
        const { args, flags } = await Parser.parse(argv, {
          args: Purge.args,
          flags: Purge.flags,
          strict: true,
        });
        expect(quick.paths).toEqual((args as { paths?: unknown }).paths ?? []);
        const off = {
          recursive: false,
          all: false,
          yes: false,
          'dry-run': false,
          verbose: false,
          'fail-if-missing': false,
          json: false,
          rewarm: false,
        };
        expect(quick.flags).toEqual({ ...off, ...flags });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a complaint', () => {
  it('about a mistake is a sentence and what to do', () => {
    expect(
      complain('cache-warm', new WarmError('ERR_PAGETREE_LIST', 'It is empty.', { hint: 'Fill it.' })),
    ).toEqual({
      text: 'cache-warm: It is empty.\n  Fill it.\n',
      code: 'ERR_PAGETREE_LIST',
      message: 'It is empty.',
      hint: 'Fill it.',
      exitCode: 2,
    });
  });

  it('about the system has no stack, and is no mistake of the command line', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      syscall: 'write',
      code: 'ENOSPC',
    });
    expect(complain('cache-warm', full)).toMatchObject({
      text: 'cache-warm: ENOSPC: no space left on device, write\n',
      exitCode: 1,
    });
  });

  it('about a bug shows where it is', () => {
    const { text, exitCode } = complain('cache-warm', new TypeError('x is not a function'));
    expect(text).toMatch(
      /^cache-warm: internal error, please report it: TypeError: x is not a function\n +at /,
    );
    expect(exitCode).toBe(1);
  });
});

describe('the cause of a failed request', () => {
  it.each([
    ['ECONNREFUSED', 'connection-refused'],
    ['ECONNRESET', 'connection-reset'],
    ['UND_ERR_SOCKET', 'connection-reset'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENOTFOUND', 'name-lookup'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_OVERFLOW', 'bad-response'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['EMFILE', 'fetch-error'],
  ])('%s is %s', (code, reason) => {
    expect(explainFailure(Object.assign(new Error('it broke'), { code })).reason).toBe(reason);
  });
});

describe('the end of a body', () => {
  it.each([
    [{ 'content-length': '5' }, undefined],
    [{ 'transfer-encoding': 'chunked' }, undefined],
    [{ 'transfer-encoding': 'Chunked' }, undefined],
    [{}, 'no-length'],
    [{ 'transfer-encoding': 'gzip, chunked' }, 'encoding'],
    [{ 'transfer-encoding': 'identity' }, 'encoding'],
    [{ 'transfer-encoding': ['gzip', 'chunked'] }, 'encoding'],
  ])('%j: %s', (headers, reason) => {
    expect(framingProblem(headers)?.reason).toBe(reason);
  });
});
