import { ChangesFile, FailedFile } from '../report/lists.ts';
import { Outputs } from '../report/outputs.ts';
import { ReportFile } from '../report/report-file.ts';

/** Which files a run writes. */
export interface OutputFlags {
  readonly report?: string | undefined;
  readonly failed?: string | undefined;
  readonly changes?: string | undefined;
}

/** @throws {WarmError} `ERR_PAGETREE_REPORT` for a file that cannot be written. */
export function openOutputs({ report, failed, changes }: OutputFlags): Outputs {
  const outputs = new Outputs();
  if (report !== undefined) outputs.add(() => new ReportFile(report));
  if (failed !== undefined) outputs.add(() => new FailedFile(failed));
  if (changes !== undefined) outputs.add(() => new ChangesFile(changes));
  return outputs;
}
