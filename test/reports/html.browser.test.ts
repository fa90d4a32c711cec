import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { regenerate } from '../../reports/index.js';
import { describeNeeding } from '../support/required.js';
import { findChromium, launch, watchedPage } from './browser.js';
import { FAILED_ID, handMadeStore } from './hand-made-store.js';

const executable = findChromium();
const missing = executable === undefined ? 'no chromium was found: set CHROMIUM to its path' : undefined;

describeNeeding('browser', missing, 'the HTML report in a browser', () => {
  const folder = handMadeStore().folder;
  const file = join(folder, 'report.html');
  let browser: Browser;

  beforeAll(async () => {
    await regenerate(folder, { html: file });
    browser = await launch(executable ?? '');
  }, 60_000);
  afterAll(async () => {
    await browser.close();
  });

  const open = async (id: string): Promise<Awaited<ReturnType<typeof watchedPage>>> => {
    const watched = await watchedPage(browser);
    await watched.page.goto(pathToFileURL(file).href);
    await watched.page.getByText(id).first().click();
    await watched.page.getByTestId('test-result-error-message').first().waitFor();
    return watched;
  };

  test('a failed sequence is found by its id and tells its cause, and nothing is fetched', async () => {
    const { page, remote, errors } = await open(FAILED_ID);
    const message = await page.getByTestId('test-result-error-message').first().innerText();
    expect(message).toContain('FAIL wrong-error-code');
    expect(message).toContain('euiccPackageErrorUnsigned.associationToken');
    expect(message).toContain('SGP.32/5.9.1');
    expect(await page.getByText('Category: Wrong error code').count()).toBe(1);

    const exchange = await openAttachment(page, 'request, answer, APDUs');
    expect(exchange).toContain('STORE DATA ch 1 block 0 last');
    expect(exchange).toContain('BF51038401049000');

    expect(remote).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('hostile text stays text, wherever it is opened', async () => {
    const { page, remote } = await open('TC_eUICC_Hostile#03');
    expect(await openAttachment(page, 'request, answer, APDUs')).toContain('<script>window.pwned=1</script>');
    await page.getByText('expected | actual').first().click();
    await page.locator('iframe').nth(1).waitFor();
    const table = page.locator('iframe').last().contentFrame().getByText('malformed:');
    await table.waitFor();
    for (const frame of page.frames()) {
      await frame.waitForLoadState();
      expect(await frame.evaluate(`'pwned' in window`)).toBe(false);
    }
    expect(remote).toEqual([]);
  });

  test('the watch itself works: a page that fetches is noticed', async () => {
    const { page, remote } = await watchedPage(browser);
    const probe = join(folder, 'probe.html');
    writeFileSync(probe, '<img src="http://tracker.invalid/a.png"><p>loaded</p>');
    await page.goto(pathToFileURL(probe).href);
    await page.getByText('loaded').waitFor();
    expect(remote).toEqual(['http://tracker.invalid/a.png']);
  });
});

/** Opens the last attachment of that name and returns the text it shows. */
async function openAttachment(page: Page, name: string): Promise<string> {
  await page.getByText(name).last().click();
  const code = page.locator('pre, code').filter({ hasText: 'REQUEST' }).last();
  await code.waitFor();
  return code.innerText();
}
