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
 * Lets a short run end at once. undici reads responses by WebAssembly, which Node 20 compiles once more, and better, at the first
 * response: a quarter of a second of another thread that the process waits for when it ends. A run of many pages gets there all the same.
 */
export function compileParserLate(): void {
  // 55 times what V8 begins with: bytes of code run through.
  setFlagsFromString('--wasm-tiering-budget=100000000');
}
