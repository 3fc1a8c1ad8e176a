import { extname } from 'node:path';
import { type OutputSettings, reportForms } from '../config/output-table.ts';
import { Problems } from '../config/problems.ts';
import { Github, type GithubOptions } from '../report/github.ts';
import { ChangesFile, FailedFile } from '../report/lists.ts';
import { type Output, Outputs } from '../report/outputs.ts';
import { ReportFile } from '../report/report-file.ts';

/**
 * Opens everything that a run writes beside what it says.
 *
 * @throws {WarmError} `ERR_PAGETREE_REPORT` with every file that cannot be written; nothing is left open then.
 */
export async function openOutputs(
  { report = [], failed, changes }: OutputSettings,
  github: GithubOptions | undefined,
): Promise<Outputs> {
  const outputs = new Outputs();
  const problems = new Problems();
  const add = (make: () => Output) => problems.gather(() => outputs.add(make));
  for (const file of new Set(report)) {
    const open = await reportOpener(file);
    add(open);
  }
  if (failed !== undefined) add(() => new FailedFile(failed));
  if (changes !== undefined) add(() => new ChangesFile(changes));
  if (github !== undefined) add(() => new Github(github));
  if (problems.count > 0) outputs.discard();
  problems.throwIfAny();
  return outputs;
}

/** Most runs write no report, so what makes one is loaded for those that do. */
async function reportOpener(file: string): Promise<() => Output> {
  const form = reportForms[extname(file).toLowerCase()];
  if (form === 'html') {
    const { HtmlFile } = await import('../report/html-file.ts');
    return () => new HtmlFile(file);
  }
  if (form === 'junit') {
    const { JunitFile } = await import('../report/junit-file.ts');
    return () => new JunitFile(file);
  }
  if (form === 'document') {
    const { DocumentFile } = await import('../report/document-file.ts');
    return () => new DocumentFile(file);
  }
  return () => new ReportFile(file);
}
