/** How V8 runs a program. These change the whole process, so they are for programs. */
import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the garbage of a long run small. By itself V8 lets the heap grow to four times what is alive before it looks, and
 * farther the longer a run lasts.
 */
export function keepHeapSmall(): void {
  // Half as much again as what is alive. Less would take more of the processor than it saves.
  setFlagsFromString('--heap-growing-percent=50');
}

/**
 * Lets a short run end at once. undici reads responses by WebAssembly, which the V8 of Node 20 compiles once more, and better, at the
 * first response: a quarter of a second of another thread that the process waits for when it ends. A run of many pages gets there all
 * the same.
 */
export function compileParserLate(): void {
  // A flag that a V8 does not know is told on stderr, so it is for that one alone. 55 times what it begins with: bytes of code run through.
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--wasm-tiering-budget=100000000');
}
