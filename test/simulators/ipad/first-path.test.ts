/** The whole way: S_eUICC behind a socket, the IPAd, S_eIM behind its HTTPS listener. */
import { afterEach, expect, it } from 'vitest';
import { tlv } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { serveEim } from '../../../src/simulators/eim/serve/index.js';
import { createEuicc, issueEuiccIdentity, newEid } from '../../../src/simulators/euicc/index.js';
import { linkCard } from '../../../src/simulators/ipa/index.js';
import { Ipad, socketCard } from '../../../src/simulators/ipad/index.js';
import { bytes, hex, ICCID1 } from '../euicc/terminal.js';
import { Slot } from './slot.js';

const pki = loadPkiFolder();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('executes a package, delivers its result and removes what is acknowledged', async () => {
  const served = await serveEim({ https: { port: 0 } });
  closing.push(() => served.close());
  const identity = issueEuiccIdentity(pki, newEid(), ['NIST']);
  const card = createEuicc({ identity });
  const link = linkCard(card);
  const configuration = bytes(served.eim.operator.eimConfiguration().der);
  expect(hex(await link.es10(tlv(0xbf57, tlv(0xa0, configuration))))).toBe('BF5705A003840101');
  await served.eim.operator.addDevice({ eid: identity.eid, associationToken: 1 });
  const slot = await Slot.open({ card });
  closing.push(() => slot.close());
  const { id } = await served.eim.operator.order(identity.eid, {
    kind: 'package',
    operations: [{ operation: 'enable', iccid: ICCID1 }],
  });

  const lines: string[] = [];
  const ipad = new Ipad({
    version: '1.2',
    port: socketCard({ host: '127.0.0.1', port: slot.port }),
    resolve: { 'eim.example.com': new URL(served.https ?? '').host },
    log: (line) => lines.push(line),
  });
  closing.push(() => ipad.close());
  await ipad.poll();

  expect(await served.eim.operator.orderView(id)).toMatchObject({
    status: 'done',
    results: [{ code: 'ok' }],
  });
  await link.reset();
  expect(hex(await link.es10(bytes('BF2B04A0028200')))).toBe('BF2B02A200');
  expect(hex(await link.es10(bytes('BF2B00')))).toBe('BF2B02A000');
  expect(lines.filter((line) => !line.startsWith('ATR '))).toEqual([
    `EID ${identity.eid}, eIMs testeim1`,
    'httpParams 0105646174613106',
    'testeim1: ipaEuiccData, removed nothing',
    'testeim1: euiccPackage, removed 2 1',
    'testeim1: noPackage, removed nothing',
  ]);
  const commands = slot.apdus.filter((apdu) => !apdu.startsWith('01C0'));
  expect(commands.slice(0, 8)).toEqual([
    '8010000003000080',
    '80AA000005A903840101',
    '0070000001',
    '01A4040010A0000005591010FFFFFFFF8900000100',
    '81E2910006BF3E035C015A',
    '81E2910003BF5500',
    '81E2910003BF2B00',
    '81E2910007BF2B04A0028200',
  ]);
  // REFRESH: fetched, answered, and the card reset.
  const at = slot.seen.indexOf('801200000B');
  expect(slot.seen.slice(at, at + 4)).toEqual([
    '801200000B',
    '801400000C810301010482028281830100',
    'off',
    'on',
  ]);
  expect(commands.slice(-3)).toEqual(['81E2910006BF3003800102', '81E2910006BF3003800101', '0070800100']);
});
