/** A small site with the middleware, as the pages of docs deploy it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// As Node finds it, and not the source that the tests themselves are run with.
const middleware = new URL('../../packages/middleware/dist/index.js', import.meta.url).href;

const server = (release: number): string => `
import { createServer } from 'node:http';
import { withPageCache } from '${middleware}';

const { PORT, PAGETREE_CACHE_DIR: cacheDir } = process.env;
const paths = ['/', '/about', '/blog', '/blog/', '/blog/first'];

function site(req, res) {
  const { url, headers } = req;
  if (url === '/robots.txt') return res.end(\`Sitemap: http://\${headers.host}/sitemap.xml\\n\`);
  if (url === '/sitemap.xml') {
    const urls = paths.map((path) => \`<url><loc>http://\${headers.host}\${path}</loc></url>\`);
    res.setHeader('content-type', 'application/xml');
    return res.end(\`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\${urls.join('')}</urlset>\`);
  }
  if (!paths.includes(url)) return res.writeHead(404).end('not found');
  const release = url === '/blog' ? ${release} : 1;
  res.setHeader('content-type', 'text/html; charset=utf-8');
  res.end(\`<p>\${url} of release \${release}</p>\\n\`.repeat(100));
}

createServer(cacheDir ? withPageCache({ cacheDir }, site) : site).listen(Number(PORT), '127.0.0.1');
`;

/** Writes \`server.js\` into a folder. Of the next release only /blog is another page. */
export async function writeSite(folder: string, release = 1): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(folder, 'server.js'), server(release));
}
