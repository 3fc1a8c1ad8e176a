import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/**
 * Runs a program to its end and takes its time. Processor time is what it used itself: on a machine that does
 * other things as well it moves less than the clock on the wall. The peak of its memory, in bytes, is that of the program alone,
 * without children of its own, as it was a few milliseconds before its end at the latest; 0 where there is no /proc.
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
  let peakMemory = 0;
  const look = setInterval(() => {
    peakMemory = Math.max(peakMemory, peakOf(child.pid));
  }, 10);
  const [code] = await once(child, 'close');
  clearInterval(look);
  const [, seconds, user, system] = /pagetree-bench (\S+) (\S+) (\S+)\n$/.exec(tail).map(Number);
  return { code, seconds, cpuSeconds: user + system, peakMemory, stdout, stderr: tail };
}

/** The most memory that the program behind a shell has taken so far. */
function peakOf(shell) {
  try {
    const [pid] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    // It has not begun, or has just ended.
    return 0;
  }
}

/** The middle one. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @example rounded(1.23456) === 1.23 */
export const rounded = (value) => Number(value.toFixed(2));
