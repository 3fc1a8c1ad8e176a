/** YAML as plain data, read by PyYAML: Debian has it. */
import { execFileSync } from 'node:child_process';

const program = 'import json, sys, yaml; json.dump(yaml.load(sys.stdin, yaml.BaseLoader), sys.stdout)';

/** Reads a document. All values are text: `on` is a name here, not a truth. */
export function parseYaml(text: string): unknown {
  return JSON.parse(execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' }));
}
