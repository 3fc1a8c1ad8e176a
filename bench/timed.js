import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program to its end and takes its time. Processor time is what it used itself: on a machine that does
 * other things as well it moves less than the clock on the wall.
 */
export async function timed(command, args, { cwd } = {}) {
  // bash tells the processor time of its children; Node does not.
  const script = 'TIMEFORMAT="pagetree-bench %R %U %S"; time "$@"';
  const child = spawn('bash', ['-c', script, 'bash', command, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let tail = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    tail = (tail + text).slice(-2000);
  });
  const [code] = await once(child, 'close');
  const [, seconds, user, system] = /pagetree-bench (\S+) (\S+) (\S+)\n$/.exec(tail).map(Number);
  return { code, seconds, cpuSeconds: user + system, stdout, stderr: tail };
}

/** The middle one. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @example rounded(1.23456) === 1.23 */
export const rounded = (value) => Number(value.toFixed(2));
