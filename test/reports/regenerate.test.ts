import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stripRemote } from '../../reports/allure/strip.js';
import { regenerate } from '../../reports/index.js';
import { RunStore } from '../../src/engine/run-store.js';
import { readResults } from './allure-folder.js';
import { handMadeStore, run, sequences } from './hand-made-store.js';
import { temporaryFolder } from './temporary.js';

describe('reports made again from a run store', () => {
  test('all of them, one HTML file that refers to nothing', { timeout: 60_000 }, async () => {
    const out = temporaryFolder();
    const files = {
      html: join(out, 'a/report.html'),
      junit: join(out, 'junit.xml'),
      allureResults: join(out, 'allure'),
    };
    await regenerate(handMadeStore().folder, files);
    expect(readResults(files.allureResults)).toHaveLength(sequences.length);
    expect(readFileSync(files.junit, 'utf8')).toContain('<testsuites');
    const html = readFileSync(files.html, 'utf8');
    expect(html).toContain('Content-Security-Policy');
    expect(html).not.toMatch(/googletagmanager|gtag\(|<(?:script|link|img)[^>]+(?:src|href)="?https?:/);
    expect(readdirSync(join(out, 'a'))).toEqual(['report.html']);
  });

  test('a run that was killed: what was finished is reported', async () => {
    const store = handMadeStore();
    appendFileSync(join(store.folder, 'sequences.jsonl'), '{"id":"TC_half');
    const allureResults = join(store.folder, 'allure');
    await regenerate(store.folder, { allureResults });
    expect(readResults(allureResults)).toHaveLength(sequences.length);
  });

  test('a second time replaces the first and touches no file of somebody else', async () => {
    const store = handMadeStore();
    const allureResults = join(store.folder, 'allure');
    mkdirSync(allureResults);
    writeFileSync(join(allureResults, 'mine-result.txt'), 'mine');
    await regenerate(store.folder, { allureResults });
    const count = readdirSync(allureResults).length;
    await regenerate(store.folder, { allureResults });
    expect(readdirSync(allureResults)).toHaveLength(count);
    expect(readFileSync(join(allureResults, 'mine-result.txt'), 'utf8')).toBe('mine');
  });

  test('what can not be made says why', async () => {
    const empty = RunStore.create(join(temporaryFolder(), 'run'), run);
    const html = join(empty.folder, 'report.html');
    await expect(regenerate(empty.folder, { html })).rejects.toMatchObject({ code: 'report-empty' });
    expect(existsSync(html)).toBe(false);
    await expect(regenerate(join(empty.folder, 'none'), { html })).rejects.toMatchObject({
      code: 'run-store',
    });
    const blocked = join(empty.folder, 'run.json', 'junit.xml');
    await expect(regenerate(empty.folder, { junit: blocked })).rejects.toMatchObject({
      code: 'report-write',
    });
    const allureResults = join(empty.folder, 'run.json', 'allure');
    await expect(regenerate(empty.folder, { allureResults })).rejects.toMatchObject({ code: 'report-write' });
  });
});

describe('strip', () => {
  test('remote scripts go, others stay, the policy comes first', () => {
    const page =
      '<html><head><title>t</title></head><body><script src="data:text/javascript;base64,AA=="></script>' +
      '<script async src="https://example.invalid/x.js"></script><script>\n window.dataLayer = [];gtag()</script></body></html>';
    expect(stripRemote(page).replace(/content="[^"]*"/, 'content=""')).toMatchInlineSnapshot(`
      "<html><head>
          <meta http-equiv="Content-Security-Policy" content=""><title>t</title></head><body><script src="data:text/javascript;base64,AA=="></script></body></html>"
    `);
  });

  test('a page that would fetch after all is refused', () => {
    expect(() => stripRemote('<head></head><link rel="stylesheet" href="//example.invalid/x.css">')).toThrow(
      /nothing that is fetched/,
    );
    expect(() => stripRemote('no page')).toThrow(/a page with a <head>/);
  });
});
