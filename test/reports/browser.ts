/** A Chromium that may reach nothing, with a record of what a page asked for. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const LOCAL = /^(?:file|data|blob|about):/;

/** `CHROMIUM`, or the first of the usual names in the search path; undefined when there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['CHROMIUM'] ?? '';
  if (named !== '') return existsSync(named) ? named : undefined;
  const folders = ['/usr/bin', ...(env['PATH'] ?? '').split(delimiter).filter((f) => f !== '')];
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    timeout: 30_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-domain-reliability',
      '--disable-sync',
      '--no-first-run',
      '--no-pings',
      // Whatever gets past the page's own record finds no name and no address.
      '--host-resolver-rules=MAP * ~NOTFOUND',
    ],
  });

export interface Watched {
  readonly page: Page;
  /** Addresses other than file:, data: and blob: that the page asked for; each was refused. */
  readonly remote: string[];
  /** What the browser's policy or a script complained about. */
  readonly errors: string[];
}

export async function watchedPage(browser: Browser): Promise<Watched> {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const remote: string[] = [];
  const errors: string[] = [];
  // A request that the page's own policy refuses still shows here.
  page.on('request', (request) => {
    if (!LOCAL.test(request.url())) remote.push(request.url());
  });
  page.on('websocket', (socket) => remote.push(socket.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await context.route(/^(?!file:|data:|blob:|about:)/, (route) => route.abort());
  return { page, remote, errors };
}
