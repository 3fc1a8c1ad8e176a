/** What of a response must be the same with the cache off and on. */
import { createHash } from 'node:crypto';

/** What is on the wire, but for the date, `Cache-Status`, and what has no meaning. */
export function comparable(bytes: Buffer, fieldsAreASet: boolean): string {
  if (bytes.length > LARGE) {
    const end = bytes.indexOf('\r\n\r\n');
    return `${comparable(bytes.subarray(0, end + 4), fieldsAreASet)}${shortened(bytes.subarray(end + 4))}`;
  }
  return bytes
    .toString('latin1')
    .split(/(?=HTTP\/1\.1 \d{3})/)
    .map((message) => {
      const end = message.indexOf('\r\n\r\n');
      const [status, ...lines] = message.slice(0, end).split('\r\n');
      const fields = lines
        .filter((line) => !/^cache-status:/i.test(line))
        .map((line) => line.replace(/^date: .*/i, 'Date: *'));
      const set = fields.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase())).sort();
      return [status, ...(fieldsAreASet ? set : fields), message.slice(end)].join('\n');
    })
    .join('');
}

/** Bytes that are shown as their hash: a difference of megabytes helps nobody. */
const LARGE = 300_000;

/** Large bodies are shown as their hash. */
export function shortened(bytes: Buffer): string {
  if (bytes.length <= LARGE) return bytes.toString('latin1');
  return `${bytes.length} bytes, ${createHash('sha1').update(bytes).digest('hex')}`;
}
