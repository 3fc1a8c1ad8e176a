/** Holds a connection still while the cache is asked. */
import type { Request } from './types.ts';

const holds = Symbol('pagetree.holds');

type Held = Request['socket'] & { [holds]?: number };

/**
 * Stops reading from the connection of a request, until the function that comes back is called. Asking the
 * tree takes a moment, and in that moment the application does not listen yet: it would miss that the client
 * left, and Node would close the connection of a client that has sent all and only waits (RFC 9112, 9.6:
 * half-closed), which an application that answers at once does answer.
 */
export function hold(req: Request): () => void {
  const socket: Held = req.socket;
  // HTTP/2 has streams of its own, and the sockets of test harnesses can't be paused.
  if (req.httpVersionMajor !== 1 || typeof socket?.pause !== 'function') return () => {};
  // Pipelined requests share the connection: the last one lets go.
  socket[holds] = (socket[holds] ?? 0) + 1;
  let released = false;
  // The parser starts to read again when it is through with a request, so the pause comes after that, and yet
  // before anything else can be read.
  queueMicrotask(() => {
    if (!released) socket.pause();
  });
  return () => {
    if (released) return;
    released = true;
    socket[holds] = (socket[holds] ?? 1) - 1;
    if (socket[holds] === 0) socket.resume();
  };
}
