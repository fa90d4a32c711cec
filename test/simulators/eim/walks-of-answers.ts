/** Walks through what comes back: results good and bad, data, downloads, notifications. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueEuiccIdentity } from '../../../src/protocol/pki/issue-euicc.js';
import type { PackageOperation } from '../../../src/simulators/eim/index.js';
import { hex, ICCID1, ICCID2, int, pki, t, text, type Device } from './bench.js';
import { cardOf, type Walk } from './walk.js';

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const enable2 = { operation: 'enable', iccid: ICCID2 } as const;
const list = { operation: 'listProfileInfo' } as const;
const OK = int('83', 0);
const info = (iccid: string, state: number, more = ''): string =>
  t('E3', t('5A', iccid), int('9F70', state), more);
const listed = (...infos: string[]): string => t('BF2D', t('A0', ...infos));

const FORGERIES: ((d: Device) => string)[] = [
  (d) => d.result(OK).replace(/....$/, '0000'),
  (d) => d.error(127).replace(/....$/, '0000'),
  (d) => d.result(OK, { token: null }),
  (d) => d.result(OK, { der: true }),
  (d) => d.result(OK, { eimId: 'testeim2' }),
  (d) => d.result(OK, { counter: d.counter + 1 }),
  (d) => d.result(OK, { transaction: null }),
  (d) => d.result(OK, { transaction: 'AB'.repeat(16) }),
  (d) => d.result(int('84', 0)),
  (d) => d.result(OK, { data: (data) => data.replace(/^30(..)/, '3081$1') }),
  (d) => d.unsigned(int('84', 99)),
  (d) => d.error(3),
  () => t('A0', int('02', 2)),
  // The lengths inside say more than there is.
  () => t('BF51', 'A07F30'),
];

/** One package each, and an answer that is to be looked at twice. */
export async function forgeries(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  for (const [index, forge] of FORGERIES.entries()) {
    const device = await walk.device(eim, index + 1);
    const { id } = await device.order(enable);
    await device.poll();
    await walk.tell(device, forge(device));
    await walk.status(eim, id);
    await walk.state(device);
  }
}

const RESULTS: [PackageOperation[], string][] = [
  [[list], listed(info(ICCID1, 1, '9F2601FF'), info(ICCID2, 0))],
  [[enable2], int('83', 3)],
  [[enable2], OK],
  [[{ operation: 'setFallbackAttribute', iccid: ICCID2 }], int('8D', 0)],
  [[{ operation: 'unsetFallbackAttribute' }], int('8E', 0)],
  [[{ operation: 'setDefaultDpAddress', defaultDpAddress: 'a.b' }], 'BF6503800100'],
  [[list, { operation: 'disable', iccid: ICCID2 }], listed(info(ICCID2, 1))],
  [[list, { operation: 'disable', iccid: ICCID2 }], listed(info(ICCID2, 1)) + int('02', 2)],
  [[{ operation: 'delete', iccid: ICCID2 }], int('85', 0)],
  [
    [{ operation: 'getRAT' }],
    t('A6', t('30', '80020640', 'A100', '82020780'), t('30', '80020520', 'A100', '82020780')),
  ],
  [[{ operation: 'addEim', eim: { eimId: 'x', associationToken: -1 } }], 'A80384012A'],
  [[{ operation: 'addEim', eim: { eimId: 'y' } }], 'A803020101'],
  [[{ operation: 'listEim' }], t('AB', t('A0', t('30', '800178'), t('30', text('80', 'testeim1'))))],
  [[{ ...enable, rollbackFlag: true }], OK + int('8C', 0)],
  [[list], 'BF2D02A000'],
  [[{ operation: 'deleteEim', eimId: 'testeim1' }], int('89', 2)],
];

/** Every operation's result, and what the eIM makes of it; results again; errors of packages. */
export async function results(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const device = await walk.device(eim, 1);
  for (const [operations, elements] of RESULTS) {
    const { id } = await device.order(...operations);
    await device.poll();
    await walk.tell(device, device.result(elements, { seq: 100 }));
    await walk.status(eim, id);
    await walk.state(device);
  }
  await walk.attempt('after its own deletion', () => device.order(enable));
  const again = await walk.device(eim, 2);
  const first = await again.order(enable);
  await again.poll();
  const result = again.result(OK, { seq: 300 });
  await walk.tell(again, t('30', result, t('A0', again.notification(301))));
  await again.order(enable2);
  await again.run(OK);
  await again.order(list);
  await again.poll();
  await walk.tell(again, result);
  await walk.state(again);
  await walk.status(eim, first.id);
  await walk.tell(again, again.error(4));
  await walk.state(again);
  await again.order(enable);
  await walk.poll(again);
}

/** Answers without an EID, by what is in them. */
export async function lookups(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const [one, two] = [await walk.device(eim, 1), await walk.device(eim, 2)];
  for (const device of [one, two]) {
    await device.order(enable);
    await device.poll();
  }
  await walk.tell(one, one.unsigned(), null);
  const unsigned = t('BF51', t('A2', text('80', eim.eimId)));
  await walk.tell(two, t('30', unsigned, t('A0', two.notification(5))), null);
}

/** Answers to data requests. */
export async function data(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const device = await walk.device(eim, 1);
  const waiting = await device.order(enable);
  await device.poll();
  const result = device.result(OK, { seq: 21 });
  await device.provide(device.unsigned());
  const ask = async (): Promise<string> => (await device.request({ kind: 'ipaEuiccData' })).id;
  const answers = [
    t('A0', t('A0', device.notification(22)), t('A2', result), 'BF2003820101', 'BF22020500', int('84', 300)),
    t('A0', t('A8', t('80', '0298'), t('81', '0680')), t('A9', '800435290611')),
    t('A1', int('02', 1)),
    t('A1', int('02', 104)),
    t('A0', int('84', 77), t('87', 'AB'.repeat(16))),
  ];
  for (const answer of answers) {
    const id = await ask();
    await device.poll();
    await walk.tell(device, t('BF52', answer));
    await walk.status(eim, id);
    await walk.state(device);
  }
  await walk.status(eim, waiting.id);
}

/** Certificates that come late, and bad ones before them. */
export async function certificates(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const device = await walk.device(eim, 1, { eumCertificate: undefined, euiccCertificate: undefined });
  await device.order(enable);
  const forged = foreign(device.eid);
  const other = cardOf(2).entries[0]!;
  for (const entry of [forged, other, cardOf(1).entries[0]!]) {
    await walk.poll(device);
    const fields = t('A5', hex(entry.eumCertificate)) + t('A6', hex(entry.euiccCertificate));
    await walk.tell(device, t('BF52', t('A0', fields)));
    walk.say('known', (await device.view()).euiccCertificate !== undefined);
  }
  await walk.poll(device);
}

const foreigners = new Map<string, ReturnType<typeof issueEuiccIdentity>>();
function foreign(eid: string): { eumCertificate: Uint8Array; euiccCertificate: Uint8Array } {
  const made = foreigners.get(eid) ?? issueEuiccIdentity(pki, eid, ['NIST'], { foreign: 'forged-eum' });
  foreigners.set(eid, made);
  return made.entries[0]!;
}

/** Results of triggers. */
export async function downloads(walk: Walk): Promise<void> {
  const { forward, sent } = smdp();
  const eim = await walk.eim({ forward });
  const device = await walk.device(eim, 1);
  for (const answer of [device.installation(3), device.installation(4, 9), t('30', int('80', 127))]) {
    const { id } = await device.request({ kind: 'profileDownload', contactDefaultSmdp: true });
    await device.poll();
    await walk.tell(device, t('BF54', answer));
    await walk.status(eim, id);
  }
  await eim.close();
  walk.say('sent', sent);
}

/** An SM-DP+ that refuses the first of each notification when it is told to. */
function smdp(refusals = 0): {
  forward: (address: string, data: Uint8Array) => Promise<void>;
  sent: string[];
} {
  const sent: string[] = [];
  const tries = new Map<string, number>();
  const forward = async (address: string, notification: Uint8Array): Promise<void> => {
    const text = `${address} ${hex(notification)}`;
    const nr = (tries.get(text) ?? 0) + 1;
    tries.set(text, nr);
    if (nr <= refusals) throw new Error('refused');
    sent.push(text);
  };
  return { forward, sent };
}

/** Notifications in both ways, compact, repeated, refused, over a restart. */
export async function notifications(walk: Walk): Promise<void> {
  const store = mkdtempSync(join(tmpdir(), 'sgp33-eim-'));
  const { forward, sent } = smdp();
  let eim = await walk.eim({ store });
  const device = await walk.device(eim, 1);
  const notify = async (notification: string): Promise<void> =>
    walk.say('notified', await device.send(t('BF3D', t('A0', notification))));
  await notify(device.notification(1));
  await device.order(enable);
  await device.run(OK);
  const { id } = await device.order(enable2);
  await device.poll();
  await device.send(t('BF3D', t('BF50', t('5A', device.eid), device.result(OK))));
  await walk.status(eim, id);
  await eim.close();
  eim = await walk.eim({ store, forward });
  await eim.operator.order(device.eid, { kind: 'package', operations: [enable] });
  const package3 = await eim.handleEsipa(Buffer.from(`BF4F125A10${device.eid}`, 'hex'));
  walk.say('counter', /81010[0-9]/.exec(hex(package3 ?? new Uint8Array()))?.[0] ?? 'none');
  await eim.close();
  walk.say('sent', sent);
  rmSync(store, { recursive: true, force: true });
  await sending(walk);
}

async function sending(walk: Walk): Promise<void> {
  const once = smdp(1);
  const eim = await walk.eim({ forward: once.forward, retryMs: 0 });
  const device = await walk.device(eim, 1);
  const plain = device.notification(7);
  const signedParts = plain.slice(8);
  const tbs = signedParts.slice(0, 6 + 2 * Number.parseInt(signedParts.slice(4, 6), 16));
  const compact = t('A1', t('5A', device.eid), tbs, t('5F37', '5A'.repeat(64)));
  for (const notification of [plain, plain, compact]) await device.send(t('BF3D', t('A0', notification)));
  await drained(device);
  await device.send(t('BF3D', t('A0', plain)));
  await drained(device);
  walk.say('waiting', (await device.view()).notificationsToForward > 0);
  await eim.close();
  walk.say('sent', once.sent);
}

/** Each is refused once and then taken; what stays is what a defect keeps. */
async function drained(device: Device): Promise<void> {
  for (let turn = 0; turn < 50 && (await device.view()).notificationsToForward > 0; turn++)
    await new Promise((resolve) => setImmediate(resolve));
}
