import { extname } from 'node:path';
import { type OutputSettings, reportForms } from '../config/output-table.ts';
import { Github, type GithubOptions } from '../report/github.ts';
import { HtmlFile } from '../report/html-file.ts';
import { JunitFile } from '../report/junit-file.ts';
import { ChangesFile, FailedFile } from '../report/lists.ts';
import { type Output, Outputs } from '../report/outputs.ts';
import { ReportFile } from '../report/report-file.ts';

/**
 * Opens everything that a run writes beside what it says.
 *
 * @throws {WarmError} `ERR_PAGETREE_REPORT` for a file that cannot be written.
 */
export function openOutputs(
  { report = [], failed, changes }: OutputSettings,
  github: GithubOptions | undefined,
): Outputs {
  const outputs = new Outputs();
  for (const file of new Set(report)) outputs.add(() => openReport(file));
  if (failed !== undefined) outputs.add(() => new FailedFile(failed));
  if (changes !== undefined) outputs.add(() => new ChangesFile(changes));
  if (github !== undefined) outputs.add(() => new Github(github));
  return outputs;
}

function openReport(file: string): Output {
  const form = reportForms[extname(file).toLowerCase()];
  if (form === 'html') return new HtmlFile(file);
  if (form === 'junit') return new JunitFile(file);
  return new ReportFile(file, form === 'lines' ? 'lines' : 'array');
}
