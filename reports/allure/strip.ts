/** Makes a generated HTML report fetch nothing. */
import { Sgp33Error } from '../../src/protocol/errors.js';

/** The browser itself then refuses what a future version of the viewer, or an attachment, might load. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' data: blob:",
  "style-src 'unsafe-inline' data: blob:",
  'img-src data: blob:',
  'font-src data:',
  'media-src data: blob:',
  'frame-src data: blob:',
  'worker-src data: blob:',
  'connect-src data: blob:',
  "form-action 'none'",
].join('; ');
const META = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;

const REMOTE_SCRIPT = /<script\b[^>]*\bsrc\s*=\s*["']?(?:https?:)?\/\/[^>]*>\s*<\/script>/gi;
const ANALYTICS = /<script>\s*window\.dataLayer\b[\s\S]*?<\/script>/g;
const REMOTE_TAG =
  /<(?:script|link|img|iframe|object|embed)\b[^>]*\b(?:src|href|data)\s*=\s*["']?(?:https?:)?\/\/[^>]*>/i;
const HEAD = /<head[^>]*>/i;

/**
 * The page without remote and analytics scripts, and with a policy that forbids every fetch.
 * @throws {Sgp33Error} `report-html` when the page is not as expected and would fetch something after all.
 */
export function stripRemote(html: string): string {
  if (!HEAD.test(html)) throw broken('a page with a <head>', 'none');
  const stripped = html
    .replace(REMOTE_SCRIPT, '')
    .replace(ANALYTICS, '')
    .replace(HEAD, (head) => `${head}\n    ${META}`);
  const rest = REMOTE_TAG.exec(stripped);
  if (rest !== null) throw broken('nothing that is fetched', rest[0].slice(0, 200));
  return stripped;
}

const broken = (expected: string, actual: string): Sgp33Error =>
  new Sgp33Error('report-html', 'the HTML of the report generator is not as known', {
    expected,
    actual,
    repair: 'Install the version of allure that package-lock.json names.',
  });
