import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/protocol/asn1/index.js';
import type { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import { AddInitialEimRequest, GetEimConfigurationDataResponse } from '../../../src/protocol/types/es10.js';
import { ciPkId, enable, errorOf, TestEim } from './eim.js';
import { bytes, ICCID1, started, type Terminal } from './terminal.js';

const UNKNOWN_CI = bytes('00112233445566778899AABBCCDDEEFF00112233');
const eim = (): TestEim => new TestEim();
const eim2 = (): TestEim => new TestEim('testeim2', 'S_EIMsign2_ECDSA_NIST');

function add(terminal: Terminal, ...entries: EimConfigurationData[]): string {
  return terminal.ask(encode(AddInitialEimRequest, { eimConfigurationDataList: entries }));
}

const list = (terminal: Terminal): EimConfigurationData[] =>
  terminal.read('BF5500', GetEimConfigurationDataResponse).eimConfigurationDataList;

describe('AddInitialEim', () => {
  it('fills in the defaults', () => {
    const terminal = started();
    expect(add(terminal, eim().configuration())).toBe('BF5704A0020500');
    expect(list(terminal)).toEqual([
      {
        ...eim().configuration(),
        eimIdType: 3,
        eimSupportedProtocol: { bytes: bytes('08'), unusedBits: 3 },
        euiccCiPKId: ciPkId('NIST'),
      },
    ]);
  });

  it('keeps all that is given, allocates tokens, and answers in order', () => {
    const terminal = started();
    const full: EimConfigurationData = {
      ...eim().configuration(),
      eimFqdn: 'eim.example.com',
      eimIdType: 2,
      associationToken: -1,
      trustedPublicKeyDataTls: { trustedCertificateTls: eim().certificate },
      eimSupportedProtocol: { bytes: bytes('C0'), unusedBits: 6 },
      euiccCiPKId: ciPkId('BRP'),
      indirectProfileDownload: null,
    };
    expect(add(terminal, eim2().configuration(), full)).toBe('BF5707A0050500840101');
    expect(list(terminal)[1]).toEqual({ ...full, associationToken: 1 });
  });

  it('gives each error and stores nothing then', () => {
    const good = eim().configuration();
    const cases: [number, EimConfigurationData[]][] = [
      [3, [{ ...good, euiccCiPKId: UNKNOWN_CI }]],
      [3, [{ ...good, euiccCiPKId: ciPkId('NIST').subarray(0, 8) }]],
      [5, [{ ...good, associationToken: 0 }]],
      [5, [{ ...good, associationToken: 7 }]],
      [6, [{ ...good, counterValue: 0x800000 }]],
      [6, [{ ...good, counterValue: 2n ** 70n }]],
      [7, [{ eimId: 'testeim1', counterValue: 1 }]],
      [7, [{ ...good, counterValue: undefined }]],
      [7, [{ ...good, eimPublicKeyData: { eimPublicKey: bytes('3003020100') } }]],
      [7, []],
      [2, [good, good]],
      [1, Array.from({ length: 5 }, (_, i) => ({ ...good, eimId: `e${i}` }))],
    ];
    const terminal = started();
    for (const [code, entries] of cases) {
      const first = entries.length === 1 ? [{ ...good, eimId: 'fine' }, ...entries] : entries;
      expect(add(terminal, ...first)).toBe(`BF570381010${code}`);
      expect(terminal.ask('BF5500')).toBe('BF5502A000');
    }
    expect(terminal.es10('BF5704A0023000').sw).toBe('9000');
    expect(terminal.es10('BF5700').sw).toBe('6A80');
  });

  it('is refused with an eIM associated, and possible again after the last one is gone', () => {
    const terminal = started();
    const one = eim();
    one.associate(terminal, { associationToken: -1 });
    expect(add(terminal, eim2().configuration())).toBe('BF5703810102');
    expect(one.runEcos(terminal, [{ deleteEim: { eimId: 'testeim1' } }])).toEqual([{ deleteEimResult: 2 }]);
    expect(add(terminal, { ...one.configuration(), associationToken: -1 })).toBe('BF5705A003840102');
    expect(terminal.ask('BF640482020204')).toBe('BF6406800100810100');
    expect(terminal.ask('BF640482020204')).toBe('BF6406800101810101');
    expect(add(terminal, { ...one.configuration(), associationToken: -1 })).toBe('BF5705A003840103');
  });
});

describe('GetEimConfigurationData', () => {
  it('searches by eimId and shows the last counter', () => {
    const terminal = started();
    const one = eim();
    add(terminal, one.configuration(), eim2().configuration());
    one.run(terminal, [enable(ICCID1)], { counter: 77 });
    expect(list(terminal).map((e) => [e.eimId, e.counterValue])).toEqual([
      ['testeim1', 77],
      ['testeim2', 1],
    ]);
    expect(terminal.ask('BF550CA00A8008746573746569 6D32')).toContain('7465737465696D32');
    expect(terminal.ask('BF5505A003800178')).toBe('BF5502A000');
  });
});

describe('eCOs', () => {
  it('adds, lists, updates and deletes', () => {
    const terminal = started();
    const [one, two] = [eim(), eim2()];
    one.associate(terminal);
    const added = one.runEcos(terminal, [
      { addEim: { ...two.configuration(), associationToken: -1, eimIdType: 1 } },
      { listEim: {} },
      { addEim: two.configuration() },
    ]);
    expect(added).toEqual([
      { addEimResult: { associationToken: 1 } },
      { listEimResult: { eimIdList: [{ eimId: 'testeim1' }, { eimId: 'testeim2', eimIdType: 1 }] } },
      { addEimResult: { addEimResultCode: 2 } },
    ]);
    two.token = 1;
    expect(two.run(terminal, [enable(ICCID1)])).toEqual([{ enableResult: 0 }]);
    const key = one.configuration().eimPublicKeyData;
    const codes = [
      [{ eimId: 'stranger' }, 1],
      [{ eimId: 'testeim2', euiccCiPKId: UNKNOWN_CI }, 3],
      [{ eimId: 'testeim2', counterValue: 1 }, 6],
      [{ eimId: 'testeim2', counterValue: 0x800000 }, 6],
      [{ eimId: 'testeim2', associationToken: -1 }, 7],
      [{ eimId: 'testeim2', eimPublicKeyData: key }, 7],
      [{ eimId: 'testeim2', eimPublicKeyData: key, counterValue: 1 }, 0],
      [{ eimId: 'testeim2', eimFqdn: 'x.example.com' }, 0],
    ] as const;
    for (const [updateEim, code] of codes)
      expect(one.runEcos(terminal, [{ updateEim }])).toEqual([{ updateEimResult: code }]);
    expect(list(terminal)[1]).toMatchObject({
      counterValue: 1,
      eimFqdn: 'x.example.com',
      associationToken: 1,
      eimIdType: 1,
    });
    const old = two.load(terminal, two.psmos([{ getRAT: {} }], { counter: 9 }));
    expect(old).toEqual({ euiccPackageErrorUnsigned: { eimId: 'testeim2', associationToken: 1 } });
    expect(two.run(terminal, [{ getRAT: {} }], { counter: 2, key: one.key })).toHaveLength(1);
    expect(one.runEcos(terminal, [{ deleteEim: { eimId: 'stranger' } }])).toEqual([{ deleteEimResult: 1 }]);
    expect(one.runEcos(terminal, [{ deleteEim: { eimId: 'testeim1' } }])).toEqual([{ deleteEimResult: 0 }]);
    expect(list(terminal).map((e) => e.eimId)).toEqual(['testeim2']);
  });

  it('signs for an eIM of the brainpool CI with that key', () => {
    const terminal = started();
    const three = new TestEim('testeim3', 'S_EIMsign_ECDSA_BRP', 'BRP');
    three.associate(terminal, {
      euiccCiPKId: ciPkId('BRP'),
      eimPublicKeyData: { eimCertificate: three.certificate },
    });
    expect(three.run(terminal, [{ getRAT: {} }])).toHaveLength(1);
    expect(errorOf(three.load(terminal, three.psmos([], { counter: 1 })))).toBe(4);
  });
});
