/** Every setting of `cache-warm` in one table: the flags, the environment and the configuration file are made from it. */
import { publishTable } from './publish-table.ts';
import { runTable } from './run-table.ts';
import type { Setting } from './setting.ts';
import type { WarmSettings } from './settings.ts';
import { siteTable } from './site-table.ts';

/** `firstByteTimeout` is `first-byte-timeout` on the command line. */
type Kebab<T extends string> = T extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `-${Lowercase<Head>}`}${Kebab<Rest>}`
  : '';

/** The name of a setting on the command line. */
export type WarmFlag = Kebab<keyof WarmSettings>;

/** By the name of the flag; the key in the configuration file is the same name in camel case. */
export const warmTable: Readonly<Record<WarmFlag, Setting>> = { ...siteTable, ...runTable, ...publishTable };

/** `first-byte-timeout` is `firstByteTimeout` in the configuration file. */
export function keyOf(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `firstByteTimeout` is `first-byte-timeout` on the command line. */
export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
