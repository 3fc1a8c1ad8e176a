/** What the modules of the core are replaced by, for tests that must repeat themselves exactly. */
import type * as Owners from '../../src/store/owner.ts';
import { chance } from './chance.ts';
import { variantOf } from './versions.ts';

type Original = <T>() => Promise<T>;

const { random } = Math;

/** Names by chance come from the actor whose turn it is. */
export async function stagedCrypto(original: Original): Promise<object> {
  const real = await original<typeof import('node:crypto')>();
  Math.random = () => chance.fraction?.() ?? random();
  return { ...real, randomBytes: (count: number) => chance.bytes?.(count) ?? real.randomBytes(count) };
}

/** Each actor is a process of its own, that may die. */
export async function stagedOwner(original: Original): Promise<object> {
  const real = await original<typeof Owners>();
  const stateOf: typeof real.stateOf = ({ pid }, self) =>
    pid === self.pid ? 'self' : chance.dead(pid) ? 'dead' : 'alive';
  const thisOwner: typeof real.thisOwner = () => ({ ...real.thisOwner(), start: '1', pid: chance.pid });
  return { ...real, stateOf, thisOwner };
}

/** Variants are made at once, and say what they were made from. */
export async function stagedCompressor(original: Original): Promise<object> {
  const real = await original<object>();
  return { ...real, createCompressor: () => async (bytes: Uint8Array) => variantOf(bytes) };
}
