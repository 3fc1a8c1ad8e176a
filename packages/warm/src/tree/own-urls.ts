/** Which URLs are pages of the site that a tree is of. */
import { WarmError } from '../errors.ts';
import { splitUrl } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';

/**
 * Refuses URLs of other sites, where the configuration file says which `hosts` this one has: the page of the same path here
 * is not what was meant.
 *
 * @param load asked when there is a URL: most purges name paths.
 */
export function ownUrls(load: () => Promise<readonly string[] | undefined>): (text: string) => Promise<void> {
  let loaded: Promise<readonly string[] | undefined> | undefined;
  return async (text) => {
    const url = splitUrl(text);
    if (url === undefined) return;
    loaded ??= load();
    const hosts = await loaded;
    if (hosts === undefined || isOneOf(url.origin.host, hosts)) return;
    throw new WarmError('ERR_PAGETREE_USAGE', `"${printable(text)}" is a page of another site.`, {
      hint: `This one has the hosts ${hosts.map((host) => printable(host)).join(', ')}. Write the path alone, or add the host to hosts in the configuration file.`,
    });
  };
}

/** Whether a host is one of several, by http or https. Pure. */
export function isOneOf(host: string, hosts: readonly string[]): boolean {
  return hosts.some((one) => plain(one) === plain(host));
}

function plain(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)$/, '');
}
