/** Finds what `node:http` has of a web request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeSide } from './types.ts';

/**
 * Where servers leave it: `@hono/node-server` calls `fetch(request, { incoming, outgoing })`, and srvx, which h3 and Nitro
 * run on, has `request.runtime.node`.
 *
 * @param context the second argument of a fetch handler, or the `env` of a Hono context.
 */
export function nodeSideOf(request: Request, context: unknown): NodeSide {
  const told = field(context, 'incoming');
  if (isIncoming(told)) return sides(told, field(context, 'outgoing'));
  const node = field(field(request, 'runtime'), 'node');
  const req = field(node, 'req');
  return isIncoming(req) ? sides(req, field(node, 'res')) : {};
}

function sides(incoming: IncomingMessage, outgoing: unknown): NodeSide {
  return { incoming, outgoing: isOutgoing(outgoing) ? outgoing : undefined };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function isIncoming(value: unknown): value is IncomingMessage {
  return typeof field(value, 'url') === 'string' && Array.isArray(field(value, 'rawHeaders'));
}

function isOutgoing(value: unknown): value is ServerResponse {
  return (
    typeof field(value, 'writeHead') === 'function' && typeof field(value, 'getHeaderNames') === 'function'
  );
}
