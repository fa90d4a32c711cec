/** eUICC Packages as an eUICC sees them: read with the codec, signatures checked with node:crypto. */
import { verify } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { topLevel } from '../../../src/protocol/asn1/index.js';
import { generateEcKeyPair, spkiOf } from '../../../src/protocol/crypto/ecdsa.js';
import { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import type { PackageOperation } from '../../../src/simulators/eim/index.js';
import { clean } from '../euicc/terminal.js';
import {
  EIM_CONFIGURATION,
  bytes,
  closeAll,
  Device,
  eimWith,
  euiccPackage,
  hex,
  ICCID1,
  ICCID2,
  int,
  NO_PACKAGE,
  pki,
  t,
} from './bench.js';

afterEach(closeAll);

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const spki = hex(pki.certificate('S_EIMsign2_ECDSA_NIST').spki);
const certificate = hex(pki.certificate('S_EIMsign2_ECDSA_NIST').der);

function signatureHolds(answer: string, token: string, identity = 'S_EIMsign_ECDSA_NIST'): boolean {
  const [signed, signature] = topLevel(topLevel(topLevel(bytes(answer))[0]!.content)[0]!.content);
  const input = bytes(hex(signed!.raw) + token);
  const key = pki.certificate(identity).publicKey;
  return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature!.content);
}

describe('the head of a package', () => {
  it('has eimId, EID, counterValue, eimTransactionId and a signature over all of it and the token', async () => {
    const device = await Device.of(await eimWith());
    await device.order(enable);
    const answer = await device.poll();
    const { euiccPackageSigned: head, eimSignature } = euiccPackage(answer);
    expect(head.eimId).toBe('testeim1');
    expect(hex(head.eidValue)).toBe(device.eid);
    expect(head.counterValue).toBe(2);
    expect(head.eimTransactionId).toHaveLength(16);
    expect(eimSignature).toHaveLength(64);
    expect(signatureHolds(answer, '840107')).toBe(true);
    expect(signatureHolds(answer, '840100')).toBe(false);
  });

  it('is signed with token zero where the eUICC gave none, and by a brainpool key where that is the own', async () => {
    const eim = await eimWith({ signingIdentity: 'S_EIMsign_ECDSA_BRP' });
    const eid = (await Device.of(eim)).eid;
    await eim.operator.removeDevice(eid);
    const device = await Device.of(eim, { associationToken: undefined as unknown as number });
    await device.order(enable);
    expect(signatureHolds(await device.poll(), '840100', 'S_EIMsign_ECDSA_BRP')).toBe(true);
  });

  it('leaves eimTransactionId out when the eIM works without', async () => {
    const device = await Device.of(await eimWith({ transactionIds: false }));
    await device.order(enable);
    expect((await device.polledPackage()).euiccPackageSigned.eimTransactionId).toBeUndefined();
    const answer = await device.provide(device.result(int('83', 0)), null);
    expect(answer).toMatch(/^BF50..BF53/);
  });

  it('counts up by device, over a hundred packages, and never repeats a transaction id', async () => {
    const eim = await eimWith();
    const [one, two] = [await Device.of(eim), await Device.of(eim, { counterValue: 500 })];
    const seen = new Set<string>();
    for (let number = 2; number < 102; number++) {
      await one.order(enable);
      await one.run(int('83', 0));
      expect(one.counter).toBe(number);
      seen.add(one.transaction ?? '');
    }
    expect(seen.size).toBe(100);
    await two.order(enable);
    await two.poll();
    expect(two.counter).toBe(501);
  });

  it('stops at the greatest counterValue of the eUICC', async () => {
    const device = await Device.of(await eimWith(), { counterValue: 0x7ffffe });
    await device.order(enable);
    await expect(device.order(enable)).rejects.toMatchObject({ code: 'counter-exhausted' });
    await device.run(int('83', 0));
    expect(device.counter).toBe(0x7fffff);
    await expect(device.order(enable)).rejects.toMatchObject({ code: 'counter-exhausted' });
    const more = await Device.of(device.eim, { counterValue: 0x7fffff, maxCounterValue: 0x800000 });
    await more.order(enable);
    await more.poll();
    expect(more.counter).toBe(0x800000);
  });

  it('gives concurrent orders and polls a counter each, and one package at a time', async () => {
    const device = await Device.of(await eimWith());
    await Promise.all(Array.from({ length: 10 }, () => device.order(enable)));
    const answers = new Set(await Promise.all(Array.from({ length: 10 }, () => device.poll())));
    expect(answers.size).toBe(1);
    const counters: number[] = [];
    for (let i = 0; i < 10; i++) {
      await device.run(int('83', 0));
      counters.push(device.counter);
    }
    expect(counters).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await device.poll()).toBe(NO_PACKAGE);
  });
});

describe('operations on the wire', () => {
  const eim = EIM_CONFIGURATION;
  const inner = hex(topLevel(bytes(spki))[0]!.content);
  const certificateInner = hex(topLevel(bytes(certificate))[0]!.content);
  const configured = [
    t('80', '312E322E33'),
    t('81', Buffer.from('other.example.com').toString('hex')),
    '820101830105' + '8401FF',
    t('A5', t('A0', inner)),
    t('A6', t('A1', certificateInner)),
    '87020490',
    '8804F54172BD' + '8900',
  ].join('');

  it.each<[string, PackageOperation[], string]>([
    ['enable', [enable], t('A0', t('A3', t('5A', ICCID1)))],
    [
      'enable with rollbackFlag',
      [{ ...enable, rollbackFlag: true }],
      t('A0', t('A3', t('5A', ICCID1), '0500')),
    ],
    [
      'disable, delete',
      [
        { operation: 'disable', iccid: ICCID1 },
        { operation: 'delete', iccid: ICCID1 },
      ],
      t('A0', t('A4', t('5A', ICCID1)), t('A5', t('5A', ICCID1))),
    ],
    ['listProfileInfo', [{ operation: 'listProfileInfo' }], 'A003BF2D00'],
    [
      'listProfileInfo by iccid',
      [{ operation: 'listProfileInfo', searchCriteria: { iccid: ICCID2.toLowerCase() }, tagList: '9f26' }],
      t('A0', t('BF2D', t('A0', t('5A', ICCID2)), '5C029F26')),
    ],
    [
      'listProfileInfo by AID',
      [{ operation: 'listProfileInfo', searchCriteria: { isdpAid: 'A000000559' } }],
      t('A0', t('BF2D', t('A0', '4F05A000000559'))),
    ],
    [
      'listProfileInfo by class',
      [{ operation: 'listProfileInfo', searchCriteria: { profileClass: 'operational' } }],
      'A008BF2D05A003950102',
    ],
    ['getRAT', [{ operation: 'getRAT' }], 'A002A600'],
    [
      'configureImmediateEnable',
      [
        {
          operation: 'configureImmediateEnable',
          immediateEnableFlag: true,
          defaultSmdpOid: '2.999.10',
          defaultSmdpAddress: 'a.b',
        },
      ],
      t('A0', t('A7', '8000', '810388370A', '8203612E62')),
    ],
    ['configureImmediateEnable off', [{ operation: 'configureImmediateEnable' }], 'A002A700'],
    [
      'setFallbackAttribute',
      [{ operation: 'setFallbackAttribute', iccid: ICCID1 }],
      t('A0', t('A8', t('5A', ICCID1))),
    ],
    ['unsetFallbackAttribute', [{ operation: 'unsetFallbackAttribute' }], 'A002A900'],
    ['setDefaultDpAddress', [{ operation: 'setDefaultDpAddress', defaultDpAddress: '' }], 'A005BF65028000'],
    ['addEim', [{ operation: 'addEim', eim }], t('A1', t('A8', configured))],
    [
      'updateEim of one field',
      [{ operation: 'updateEim', eim: { eimId: 'x', eimFqdn: 'a.b' } }],
      t('A1', t('AA', '800178', '8103612E62')),
    ],
    ['deleteEim', [{ operation: 'deleteEim', eimId: 'x' }], 'A105A903800178'],
    ['listEim', [{ operation: 'listEim' }], 'A102AB00'],
  ])('%s', async (_, operations, expected) => {
    const device = await Device.of(await eimWith());
    await device.order(...operations);
    const answer = await device.poll();
    const [signed] = topLevel(topLevel(topLevel(bytes(answer))[0]!.content)[0]!.content);
    expect(hex(topLevel(signed!.content).at(-1)!.raw)).toBe(expected);
  });

  it('exports an EimConfigurationData that the codec reads, with the key that signs', async () => {
    const { operator } = await eimWith({ indirectProfileDownload: true });
    const { der, ...fields } = operator.eimConfiguration();
    const read = clean(EimConfigurationData, bytes(der));
    expect(read).toMatchObject({
      eimId: 'testeim1',
      eimFqdn: 'eim.example.com',
      eimIdType: 3,
      counterValue: 1,
      associationToken: -1,
      indirectProfileDownload: null,
    });
    expect(fields.eimPublicKey).toBe(hex(pki.certificate('S_EIMsign_ECDSA_NIST').spki));
    const nameless = await eimWith({ eimFqdn: '' });
    expect(() => nameless.operator.eimConfiguration()).toThrow(
      expect.objectContaining({ code: 'eim-fqdn-missing' }),
    );
    const byName = await eimWith({ eimId: 'eim.example.org' });
    expect(byName.operator.eimConfiguration()).toMatchObject({ eimIdType: 'fqdn' });
  });
});

describe('what the operator is refused', () => {
  const cases: [string, PackageOperation[]][] = [
    ['empty-package', []],
    ['mixed-package', [enable, { operation: 'listEim' }]],
    ['invalid-iccid', [{ operation: 'disable', iccid: '9892' }]],
    ['invalid-iccid', [{ operation: 'disable', iccid: 'XX9209012143658709F5' }]],
    ['invalid-iccid', [{ operation: 'disable', iccid: 'AA9209012143658709F5' }]],
    ['enable-twice', [enable, { ...enable, iccid: ICCID2 }]],
    ['list-after-change', [enable, { operation: 'listProfileInfo' }]],
    ['eim-fqdn-missing', [{ operation: 'addEim', eim: { eimId: '1.2', eimIdType: 'oid' } }]],
    ['invalid-eim-id', [{ operation: 'addEim', eim: { eimId: 'not a name', eimIdType: 'fqdn' } }]],
    ['invalid-key', [{ operation: 'addEim', eim: { eimId: 'x', eimPublicKey: '3003' } }]],
    [
      'unknown-signing-key',
      [{ operation: 'updateEim', eim: { eimId: 'testeim1', eimPublicKey: foreignSpki() } }],
    ],
    ['unknown-operation', [{ operation: 'explode' } as unknown as PackageOperation]],
  ];
  it.each(cases)('%s', async (code, operations) => {
    const device = await Device.of(await eimWith());
    await expect(device.order(...operations)).rejects.toMatchObject({ code });
    expect(await device.poll()).toBe(NO_PACKAGE);
  });

  it('refuses unknown devices, bad EIDs, doubled devices and certificates that lead nowhere', async () => {
    const eim = await eimWith();
    const device = await Device.of(eim);
    const { operator } = eim;
    await expect(
      operator.order('0'.repeat(32), { kind: 'package', operations: [enable] }),
    ).rejects.toMatchObject({
      code: 'device-unknown',
    });
    await expect(operator.addDevice({ eid: device.eid })).rejects.toMatchObject({ code: 'device-exists' });
    await expect(operator.addDevice({ eid: '12' })).rejects.toMatchObject({ code: 'invalid-eid' });
    await operator.removeDevice(device.eid);
    await expect(operator.device(device.eid)).rejects.toMatchObject({ code: 'device-unknown' });
    const other = await Device.of(eim);
    const { eid } = device;
    await expect(operator.addDevice({ eid, ...other.certificates })).rejects.toMatchObject({
      code: 'invalid-certificate',
    });
    await expect(operator.orderView('none')).rejects.toMatchObject({ code: 'order-unknown' });
  });

  it('has no new operations in v1.0.1', async () => {
    const device = await Device.of(await eimWith({ sgp32Version: '1.0.1' }));
    for (const operations of [
      [{ operation: 'setFallbackAttribute', iccid: ICCID1 }],
      [{ operation: 'unsetFallbackAttribute' }],
      [{ operation: 'setDefaultDpAddress', defaultDpAddress: 'a.b' }],
      [{ operation: 'addEim', eim: { eimId: 'x', indirectProfileDownload: true } }],
    ] as PackageOperation[][])
      await expect(device.order(...operations)).rejects.toMatchObject({ code: 'not-in-version' });
  });
});

function foreignSpki(): string {
  return hex(spkiOf(generateEcKeyPair('P-256').publicKey));
}
