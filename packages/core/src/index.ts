/** The page cache of Pagetree: from a request path to a file, what may be stored, how it is written, purged and read. */
export { type Checked, type ConfigOptions, checkConfig, type SectionCheck } from './config/check.ts';
export { type ConfigFile, type ConfigSearch, readConfig } from './config/file.ts';
export type {
  BodyHead,
  Bypass,
  Coding,
  Fill,
  FillOutcome,
  Glance,
  HeaderMap,
  Layout,
  Lookup,
  MemoryHit,
  Naming,
  Page,
  PageBody,
  PageHead,
  PageRequest,
  Place,
  PlacePaths,
  ResponseHead,
  Target,
  Ticket,
  Writer,
} from './contracts.ts';
export { CHANNEL, createPageCache, openTree } from './create.ts';
export { TOKEN_HEADER } from './engine/judge.ts';
export type { LookupHow } from './engine/lookups.ts';
export { evaluate, type Validators, validatorsOf } from './entry/conditional.ts';
export { type ByteRange, rangesOf } from './entry/ranges.ts';
export { chooseCoding } from './entry/variants.ts';
export { type ErrorCode, errorTable, PagetreeError } from './errors.ts';
export type { CacheEvent, OnEvent } from './events.ts';
export type { ListedPage } from './inspect/list.ts';
export type { TreeStats } from './inspect/stats.ts';
export type { StoredFacts, Why } from './inspect/why.ts';
export { placeOf, targetOf } from './key/place.ts';
export { spell } from './key/spelling.ts';
export { parseTarget } from './key/target.ts';
export type { CacheOptions, TreeOptions } from './options.ts';
export { type OneTree, PageCache } from './page-cache.ts';
export { isCompressible } from './policy/compressible.ts';
export { extensionTypes } from './policy/extension-types.ts';
export { explain, type Reason, reasons } from './policy/reasons.ts';
export { type Refusal, refusedByHead } from './policy/response-rules.ts';
export type { PurgeHow } from './purge-scope.ts';
export type { PurgeScope } from './purge-steps.ts';
export { faultOfScope } from './scope-fault.ts';
export { type Fault, type Finding, faults } from './store/findings.ts';
export type { Manifest } from './store/manifest.ts';
export type { Purged, PurgedPage } from './store/purge-pages.ts';
export type { Swept } from './store/sweep.ts';
