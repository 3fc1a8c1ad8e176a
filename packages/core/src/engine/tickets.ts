/** What the permissions to store of one cache share. */
import { availableParallelism } from 'node:os';
import type { Bounds } from '../bounds.ts';
import type { FillOutcome } from '../contracts.ts';
import type { Mapping } from '../mapping.ts';
import type { Rush } from '../rush.ts';
import type { Area } from '../store/area.ts';
import { createCompressor } from '../store/compress.ts';
import type { Fills } from '../store/fills.ts';
import type { Health } from '../store/health.ts';
import { type MakeRoomContext, makeRoom } from '../store/make-room.ts';
import { removeOrphanMeta } from '../store/orphans.ts';
import { publishInArea, standingMeta } from '../store/publish-area.ts';
import type { Tags } from '../store/tags.ts';
import type { TicketContext } from '../ticket.ts';
import type { Parts } from './parts.ts';

/** The rest of the cache, as tickets need it. */
export interface TicketParts extends Parts {
  readonly areas: readonly [shown: Area, hidden: Area];
  readonly mapping: Mapping;
  readonly fills: Fills;
  readonly tags: Tags;
  readonly bounds: Bounds;
  readonly health: Health;
  readonly rush: Rush;
  readonly room: MakeRoomContext;
  readonly onOutcome: (outcome: FillOutcome) => void;
}

/** Resolves what does not change from ticket to ticket. */
export function ticketsOf(parts: TicketParts): TicketContext {
  const { options, tree, io, wall, areas, mapping, fills, tags, bounds, health, rush, room } = parts;
  const durable = options.durability === 'full';
  const target = {
    ...room,
    areas,
    durable,
    makeRoom: (file: string) => makeRoom(room, file),
    onLoss: (bytes: number) => bounds.changed(-1, -bytes),
  };
  return {
    io,
    fills,
    tags,
    pending: { bytes: 0, limit: options.maxPending },
    maxPageSize: options.maxPageSize,
    durable,
    fileMode: options.fileMode,
    masked: tree.masked,
    by: options.by,
    now: wall,
    shouldStore: options.shouldStore,
    variants: options.variants,
    reserve: (place, bytes) => bounds.reserve(place, bytes),
    compress: createCompressor(options.compression, options.io === 'direct' ? availableParallelism() : 2),
    publish: (place, made, hidden) => publishInArea(target, place, made, hidden),
    standing: (place, hidden) => standingMeta(io, areas[hidden ? 1 : 0], place),
    tidy: (place) => removeOrphanMeta(room, place),
    fidelity: tree.manifest.fidelity,
    hides: options.privatePages ?? (options.by !== 'warm' || tree.manifest.fidelity === 'strict'),
    cacheControlOf: (key) => mapping.cacheControlOf(key),
    committing: rush.committing,
    onOutcome: parts.onOutcome,
    onHookError: (error, key) => health.tell('hook', error, key),
  };
}
