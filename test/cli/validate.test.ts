import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { call, target, temporary, write } from './call.js';

const GOOD = readFileSync(
  join(packageRoot(), 'suites/sgp33-1-euicc/1.2-es10-inherited/get-eid.yaml'),
  'utf8',
);

async function validated(name: string, text: string) {
  const folder = temporary();
  const file = write(folder, name, text);
  const { code, err, out } = await call('validate', file);
  return { code, out, err: err.replaceAll(file, name) };
}

describe('sgp33 validate', () => {
  test('the suite and the targets that come with it are right', async () => {
    const { code, out } = await call('validate');
    expect(out).toMatch(/^\d+ test cases with \d+ sequences, \d+ targets: no mistake\n$/);
    expect(code).toBe(0);
  });

  test('a file of the user is checked against our definitions', async () => {
    expect(await validated('own.yaml', GOOD)).toMatchObject({ code: 0 });
  });

  test.each([
    ['text that is no YAML', 'id: [\n', /own\.yaml:\d+:\d+: .*\[yaml-syntax\]/],
    [
      'an unknown key',
      GOOD.replace('interface:', 'interfase:'),
      /own\.yaml:\d+:1: .*'interfase'.*Did you mean interface\?/,
    ],
    [
      'an unknown option',
      GOOD.replace('applies: M', 'applies: O_E_BPR'),
      /own\.yaml:\d+:\d+: .*'O_E_BPR'.*Did you mean O_E_BRP\?/,
    ],
    [
      'an unknown field',
      GOOD.replace('GetEuiccDataRequest: {', 'GetEuiccDataRequest: { eid: 00, '),
      /own\.yaml:\d+:\d+: /,
    ],
    ['a duplicate key', `${GOOD}\nid: again\n`, /own\.yaml:\d+:\d+: .*\[yaml-syntax\]/],
  ])('%s', async (_what, text, message) => {
    expect(text).not.toBe(GOOD);
    const { code, err } = await validated('own.yaml', text);
    expect(err).toMatch(message);
    expect(err).toMatch(/\d+ mistakes?\n$/);
    expect(code).toBe(2);
  });

  test('a target is known by its driver', async () => {
    expect(await validated('t.yaml', target('  kind: in-process\n  protocol: T=2'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^error: t\.yaml:5:13: 'T=2' is no protocol/) as string,
    });
  });

  test('a file that is not there', async () => {
    expect(await call('validate', 'nothere.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nothere.yaml: there is no such file') as string,
    });
  });
});
