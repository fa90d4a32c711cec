/**
 * A device that keeps its slot, ignores SIGTERM and has children, one that logs without end, and one that does all right, in
 * one run of the built tool: nothing stays, the log is not kept, and the last device finds its eIM and its eUICC.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultPkiFolder } from '../../src/protocol/pki/folder.js';
import { isRunning } from '../drivers/ipad-trigger/support.js';
import { run, write, type Called } from './call.js';

const LOG_BYTES = 400_000_000;
/** What a tool that kept the log would need, and more than a garbage collector leaves lying about. */
const MEMORY_KB = 250_000;
const PATIENCE_MS = 8000;

/** Sequences in the order in which they run, with what their device does. */
const DEVICES: Readonly<Record<string, string>> = {
  'TC_IPAd_ESipa_HTTP_Binding#01': 'family',
  'TC_IPAd_ESipa_HTTP_Binding#13': 'log',
  'TC_IPAd_GetEimPackage_Nominal#01': 'good',
};

/** Arguments: EID, address and name of the eIM, port of the slot. */
const DEVICE = `
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { request, Agent } from 'node:https';
import { connect } from 'node:net';

const [eid, address, servername, slot] = process.argv.slice(2);
const what = ${JSON.stringify(DEVICES)}[process.env.SGP33_SEQUENCE];
const note = (name, text) => writeFileSync(what + '.' + name, String(text));
note('pid', process.pid);
const forever = () => setInterval(() => undefined, 1e6);
const ca = readFileSync(${JSON.stringify(join(defaultPkiFolder(), 'CERT_CI_ECDSA_NIST.pem'))});
const agent = new Agent({ keepAlive: true, maxSockets: 20 });

function poll() {
  const [host, port] = address.split(':');
  const body = Buffer.from('BF4F125A10' + eid, 'hex');
  const headers = { 'content-type': 'application/x-gsma-rsp-asn1', 'x-admin-protocol': 'gsma/rsp/v2.1.0', 'user-agent': 'gsma-rsp-ipad' };
  return new Promise((resolve, reject) => {
    const out = request({ host, port, servername, ca, agent, method: 'POST', path: '/gsma/rsp2/asn1', headers }, (answer) =>
      answer.on('error', reject).on('end', resolve).resume());
    out.on('error', reject).end(body);
  });
}

/** The reader's side of vpcd: power on, ATR. */
const card = () => new Promise((resolve, reject) => {
  const socket = connect(Number(slot), '127.0.0.1');
  socket.on('error', reject);
  socket.write(Buffer.from([0, 1, 1, 0, 1, 4]));
  socket.once('data', () => resolve(socket));
});

const memory = () => /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/' + process.ppid + '/status', 'utf8'))[1];

const behaviours = {
  async family() {
    const idle = ['-e', 'setInterval(() => undefined, 1e6)'];
    process.on('SIGTERM', () => undefined);
    note('child', spawn(process.execPath, idle, { stdio: 'inherit' }).pid);
    note('daemon', spawn(process.execPath, idle, { stdio: 'ignore', detached: true }).pid);
    await card();
    forever();
  },
  async log() {
    const line = Buffer.alloc(1e6, 'log ');
    const before = memory();
    for (let at = 0; at < ${String(LOG_BYTES)}; at += line.length)
      for (let done = 0; done < line.length; )
        try { done += writeSync(1, line, done); } catch (e) { if (e.code !== 'EAGAIN') throw e; }
    note('memory', memory() - before);
  },
  async good() { (await card()).destroy(); await poll(); agent.destroy(); },
};
await behaviours[what]();
`;

let folder: string;
let slot: number;
let called: Called;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sgp33-hostile-'));
  slot = await freePort();
  write(folder, 'device.mjs', DEVICE);
  const target = write(
    folder,
    't.yaml',
    `name: hostile
iut: IPAd
driver:
  kind: ipad
  card: { kind: socket, port: ${String(slot)} }
  eim: { name: eim.example.com }
  triggers:
    poll:
      command:
        run: [${process.execPath}, device.mjs, '{eid?}', '{eimAddress}', '{eimFqdn}', '{cardPort?}']
        graceMs: 300
  patienceMs: ${String(PATIENCE_MS)}
  quietMs: 500
options: { P_D_ESIPA_HTTPS: true, P_D_JSON: false, P_D_TRUST_CERT: true, P_D_INTERMEDIATE_CA: true, P_D_TRUST_PK: false,
  P_D_ESIPA_COAPS: false, P_D_TLS13: true, P_D_RPLMN: false, P_D_POLL_UNTIL_EMPTY: false, O_D_BRP: false }
allow: [profiles, eim-configuration, addresses, memory-reset]
consent: true
`,
  );
  called = await run(['--target', target, '--no-html', '--out', 'out', ...Object.keys(DEVICES)], folder);
}, 280_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(port = 0): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}

const noted = (name: string): string => readFileSync(join(folder, name), 'utf8');
const block = (sequence: string): string =>
  called.out.split(/^(?=FAIL {2,}|PASS {2,})/m).find((b) => b.includes(`${sequence}  `)) ?? '';

describe('a run of devices that are no good', () => {
  test.each([
    ['family', 'timeout', /nothing in 8000 ms/],
    ['log', 'missing', /the device ended with exit code 0; it wrote: [^\n]*log log/],
  ])('%s FAILs as %s', (device, cause, why) => {
    const sequence = Object.keys(DEVICES).find((id) => DEVICES[id] === device) ?? '';
    const text = block(sequence);
    expect(text, called.out + called.err).toMatch(new RegExp(`^FAIL ${cause} +${sequence} `, 'm'));
    expect(text).toMatch(why);
  });

  test('the device that does all right PASSes in the end', () => {
    expect(block('TC_IPAd_GetEimPackage_Nominal#01'), called.out + called.err).toMatch(/^PASS/);
    expect(called.code).toBe(1);
  });

  test('of no device a process is left, and nobody has its slot', async () => {
    const pids = readdirSync(folder).filter((name) => /\.(pid|child|daemon)$/.test(name));
    expect(pids.length).toBe(Object.keys(DEVICES).length + 2);
    expect(pids.filter((name) => isRunning(Number(noted(name))))).toEqual([]);
    expect(await freePort(slot)).toBe(slot);
  });

  test('a log without end is not kept', () => {
    expect(Number(noted('log.memory'))).toBeLessThan(MEMORY_KB);
    const files = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).map((f) =>
      join(folder, 'out', f),
    );
    const size = files
      .filter((f) => existsSync(f) && statSync(f).isFile())
      .reduce((sum, f) => sum + statSync(f).size, 0);
    expect(size).toBeLessThan(20_000_000);
  });
});
