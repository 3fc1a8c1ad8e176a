/** The parts of core that a bench measures by themselves; no export of the package. */
const dist = new URL('../../packages/core/dist/', import.meta.url);

/** A module of the built core. */
export const inner = (path) => import(new URL(path, dist));
