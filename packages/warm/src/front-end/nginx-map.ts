/** One `map` of nginx, and how its rows are written. Pure. */
import { quotedForNginx as quoted } from './nginx-quote.ts';

/** One `map`: a variable that follows from others. */
export interface NginxMap {
  readonly about: string;
  readonly from: string;
  readonly to: string;
  readonly rows: readonly (readonly [when: string, then: string])[];
}

export const regex = (pattern: string): string => quoted(`~${pattern}`);
export const caseless = (pattern: string): string => quoted(`~*${pattern}`);
export const no = '""';

export function mapText({ about, from, to, rows }: NginxMap): string {
  return `# ${about}\nmap ${from} $${to} {\n${rows.map(([when, then]) => `  ${when} ${then};\n`).join('')}}\n`;
}
