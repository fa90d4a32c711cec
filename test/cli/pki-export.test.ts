import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ipadDriver } from '../../src/cli/drivers/ipad-driver.js';
import { loadAll } from '../../src/cli/load.js';
import { hex, started } from '../simulators/euicc/terminal.js';
import { call, temporary, write } from './call.js';

const target = (version: string, driver = ''): string =>
  [
    ...['name: t', 'iut: IPAd', 'driver:', '  kind: ipad', '  card: { kind: socket }'],
    ...['  eim: { name: one.example.com }', driver, '  triggers: { poll: { wait: {} } }'],
    `sgp32Version: '${version}'`,
  ]
    .filter((line) => line !== '')
    .join('\n');
const TWO = '  eim2: { name: two.example.com, port: 9443 }';

async function exported(text: string, ...more: string[]) {
  const folder = temporary();
  const file = write(folder, 'ipad.yaml', text);
  const out = join(folder, 'out');
  const called = await call('pki', 'export', '--target', file, '--out', out, ...more);
  const read = (name: string): Buffer => readFileSync(join(out, name));
  return { ...called, folder, file, out, read };
}

describe('sgp33 pki export', () => {
  test.each(['1.2', '1.0.1'] as const)('a card of SGP.32 v%s takes the bytes', async (sgp32Version) => {
    const { code, err, read } = await exported(target(sgp32Version, TWO));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const request = read('add-initial-eim.der');
    expect(read('add-initial-eim.hex').toString().trim()).toBe(hex(request));
    const card = started({ sgp32Version });
    // Two tokens that the eUICC allocated (SGP.32 5.9.4): success, not a refusal
    expect(card.ask(hex(request))).toBe('BF5708A006840101840102');
    const listed = card.ask('BF5500');
    for (const name of ['one.example.com', 'two.example.com'])
      expect(listed).toContain(Buffer.from(name).toString('hex').toUpperCase());
    const key = new X509Certificate(read('eim2/signing.pem')).publicKey.export({
      type: 'spki',
      format: 'der',
    });
    expect(listed).toContain(hex(key.subarray(2)));
  });

  test('what is written is what a run of that target shows', async () => {
    const { file, read } = await exported(target('1.2', TWO));
    const { root, target: loaded } = loadAll(file);
    const driver = ipadDriver(loaded, { root, pki: undefined, defects: [] });
    onTestFinished(() => driver.close());
    await driver.open();
    for (const [role, folder, servername] of [
      ['S_eIM', 'eim1', 'one.example.com'],
      ['S_eIM2', 'eim2', 'two.example.com'],
    ] as const) {
      const [host = '', port] = driver.eims.get(role)?.address.split(':') ?? [];
      const ca = read('trust-anchors/CERT_CI_ECDSA_NIST.pem');
      const socket = connect({ host, port: Number(port), servername, ca });
      onTestFinished(() => void socket.destroy());
      await once(socket, 'secureConnect');
      expect(socket.authorized).toBe(true);
      expect(hex(socket.getPeerX509Certificate()?.raw ?? Buffer.of())).toBe(hex(read(`${folder}/tls.der`)));
    }
  });

  test('the overview names files that are there, and the keys by their identifiers', async () => {
    const { read, out } = await exported(target('1.2'));
    const text = read('eims.yaml').toString();
    const files = [...text.matchAll(/(?:certificate|publicKey): '(.*)'/g)].map(([, name]) => name ?? '');
    expect(files.length).toBeGreaterThan(6);
    for (const name of files) expect(existsSync(join(out, name)), name).toBe(true);
    const signing = new X509Certificate(read('eim1/signing.der')).publicKey;
    const point = signing.export({ type: 'spki', format: 'der' }).subarray(-65);
    expect(text).toContain(createHash('sha1').update(point).digest('hex').toUpperCase());
    expect(text).toContain("port: 'another one in each run'");
    expect(text).not.toContain('two.example.com');
  });

  test('--trust chooses what stands in trustedPublicKeyDataTls', async () => {
    const { read } = await exported(target('1.2'), '--trust', 'certificate');
    expect(hex(read('eim1/eim-configuration-data.der'))).toContain(hex(read('eim1/tls.der').subarray(4)));
    const { code, err } = await exported(target('1.2'), '--trust', 'nobody');
    expect(code).toBe(2);
    expect(err).toContain("--trust: 'nobody' is not possible here");
  });

  test('nothing is written over without --force', async () => {
    const { file, out } = await exported(target('1.2'));
    const mine = join(out, 'eims.yaml');
    writeFileSync(mine, 'mine');
    const again = await call('pki', 'export', '--target', file, '--out', out);
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.err).toMatch(/the file is there already.*--force\. \[export-folder\]/);
    expect(readFileSync(mine, 'utf8')).toBe('mine');
    expect(await call('pki', 'export', '--target', file, '--out', out, '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(mine, 'utf8')).toContain('sgp32Version');
  });

  test('what can not be written as a whole leaves everything as it was', async () => {
    const { folder, file } = await exported(target('1.2'));
    const out = join(folder, 'other');
    // The last of the files is in the way.
    mkdirSync(join(out, 'eims.yaml'), { recursive: true });
    const { code, err } = await call('pki', 'export', '--target', file, '--out', out, '--force');
    expect([code, err]).toEqual([2, expect.stringContaining('eims.yaml is no file')]);
    const left = readdirSync(out, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
    expect(left).toEqual([]);
  });

  test('a folder that is none is told', async () => {
    const { folder, file } = await exported(target('1.2'));
    const { code, err } = await call(
      'pki',
      'export',
      '--target',
      file,
      '--out',
      join(write(folder, 'f', ''), 'x'),
    );
    expect(code).toBe(2);
    expect(err).toContain('the folder can not be written');
  });

  test.each([
    [
      'another IUT',
      'name: t\niut: eUICC\ndriver: { kind: in-process }\n',
      /ipad\.yaml:3:9: .*\[unknown-driver\]/,
    ],
    ['a name that is none', target('1.2', '  eim2: { name: a_b }'), /ipad\.yaml:7:17: /],
    ['a port that is none', target('1.2', '  eim2: { port: 70000 }'), /ipad\.yaml:7:17: /],
    ['another version', target('1.4'), /ipad\.yaml:1:1: .*'1\.4' is no SGP\.32 version/],
  ])('%s is said with its place', async (_, text, message) => {
    const { code, err, out } = await exported(text);
    expect({ code, there: existsSync(out) }).toEqual({ code: 2, there: false });
    expect(err).toMatch(message);
  });
});
