/** The application behind a run, when it is ours to start. */
import type { ResolvedSettings } from '../config/resolve.ts';
import type { ClientOptions } from '../fetch/client.ts';
import { type Origin, parseOrigin } from '../plan/origin.ts';
import type { Notice } from '../sources/entry.ts';

/** How the site is reached, and what must be done afterwards. */
export interface Reached {
  /** `undefined`: the sources say which site it is. */
  readonly origin: Origin | undefined;
  /** What the client needs beyond the settings. */
  readonly client: Partial<Pick<ClientOptions, 'addresses' | 'connect'>>;
  /** Ends what was started. */
  close(): Promise<void>;
}

/**
 * Starts or loads the application, if a run has one of its own.
 *
 * @throws {WarmError} `ERR_PAGETREE_EXEC` when it does not start.
 */
export async function reachSite(
  { exec, execFolder, execCount, execTimeout, app, origin }: ResolvedSettings,
  signal: AbortSignal,
  onNotice: (notice: Notice) => void,
): Promise<Reached> {
  if (exec !== undefined) {
    const { startApplication } = await import('./exec.ts');
    const started = await startApplication({
      command: exec,
      folder: execFolder,
      count: execCount,
      timeout: execTimeout,
      origin,
      signal,
    });
    return {
      origin: origin ?? parseOrigin('origin', started.addresses[0]!),
      client: { addresses: started.addresses },
      close: async () => {
        for (const text of await started.fallen()) onNotice({ source: '--exec', text });
        await started.stop();
      },
    };
  }
  if (app !== undefined) {
    const { loadApplication } = await import('./in-process.ts');
    const { connect, stop } = await loadApplication(app, signal);
    const close = async () => stop();
    return {
      origin: origin ?? parseOrigin('origin', 'http://localhost'),
      client: { addresses: ['http://localhost'], connect },
      close,
    };
  }
  return { origin, client: {}, close: async () => {} };
}
