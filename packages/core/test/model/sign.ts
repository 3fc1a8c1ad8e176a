/** How a purge of the model keeps pages from being moved while it looks for them. */
import type { Steps } from './program.ts';
import type { State } from './state.ts';

/** Sends the steps of a program elsewhere: by step, what they went to and where they go now. */
export function sent(steps: Steps, ways: Readonly<Record<string, Readonly<Record<string, string>>>>): Steps {
  const changed = { ...steps };
  for (const [name, ends] of Object.entries(ways)) {
    const step = steps[name]!;
    changed[name] = {
      ...step,
      run(state) {
        const next = step.run(state);
        return ends[next] ?? ends.any ?? next;
      },
    };
  }
  return changed;
}

/** The same purge with a sign that is up from before its first step until it is over. `eager`: nobody looks for signs. */
export function holdingMoves(first: string, { resolve, ...steps }: Steps, eager = false): Steps {
  const mine = (state: State): number => 1 << state.me;
  return {
    ...sent(steps, { call: { any: 'putUp' } }),
    putUp: {
      eager,
      label: 'mkdir sign',
      run(state) {
        state.set('signs', state.get('signs') | mine(state));
        return first;
      },
    },
    resolve: {
      eager,
      label: 'rmdir sign',
      run(state) {
        state.set('signs', state.get('signs') & ~mine(state));
        return 'resolved';
      },
    },
    resolved: resolve!,
  };
}

/** Whether a sign is up whose maker is not dead. */
export function isHeld(state: State): boolean {
  return (state.get('signs') & ~state.get('dead')) !== 0;
}
