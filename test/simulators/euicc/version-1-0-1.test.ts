/** The v1.0.1 personality, read with the types of that version; packages are signed and checked by node:crypto. */
import { verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concat, encode, tlv, topLevel } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import {
  AddInitialEimResponse,
  EnableUsingDDResponse,
  EuiccMemoryResetResponse,
  EUICCInfo2,
  GetEimConfigurationDataResponse,
  RetrieveNotificationsListResponse,
} from '../../../src/protocol/types/v1-0-1-es10.js';
import { EuiccPackageSigned, type EuiccPackage } from '../../../src/protocol/types/v1-0-1-esep.js';
import { EuiccPackageResult } from '../../../src/protocol/types/v1-0-1-esep-result.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { signPlain, TestEim } from './eim.js';
import { bytes, clean, EID, hex, ICCID1, ICCID2, ICCID4, ICCID5, started, Terminal } from './terminal.js';

const pki = loadPkiFolder();
const nothing = new Uint8Array(0);

/** Signs over data and token, as both versions do. */
class OldEim {
  counter = 1;
  readonly key = pki.privateKey('S_EIMsign_ECDSA_NIST');

  constructor(readonly terminal: Terminal) {
    new TestEim().associate(terminal, { associationToken: -1 });
  }

  package(euiccPackage: EuiccPackage, more: { transactionId?: Uint8Array; token?: number } = {}): Uint8Array {
    const { token = 1, ...fields } = more;
    const signed = encode(EuiccPackageSigned, {
      eimId: 'testeim1',
      eidValue: bytes(EID),
      counterValue: ++this.counter,
      euiccPackage,
      ...fields,
    });
    const signature = signPlain(this.key, concat([signed, Uint8Array.of(0x84, 0x01, token)]));
    return tlv(0xbf51, concat([signed, tlv(0x5f37, signature)]));
  }

  load(request: Uint8Array): EuiccPackageResult {
    const response = bytes(this.terminal.ask(request));
    const result = clean(EuiccPackageResult, response);
    if (result.euiccPackageErrorUnsigned !== undefined) return result;
    expect(verifies(request, response)).toBe(true);
    return result;
  }

  run(euiccPackage: EuiccPackage): unknown {
    const { euiccPackageResultSigned: signed } = this.load(this.package(euiccPackage));
    return signed?.euiccPackageResultDataSigned.euiccResult;
  }
}

/** euiccSignEPR over the data TLV and the eimSignature TLV of the request. */
function verifies(request: Uint8Array, response: Uint8Array): boolean {
  const inside = (element: Uint8Array): readonly { raw: Uint8Array; content: Uint8Array }[] =>
    topLevel(topLevel(element)[0]?.content ?? nothing);
  const [data, signature] = topLevel(inside(response)[0]?.content ?? nothing);
  const input = concat([data?.raw ?? nothing, inside(request)[1]?.raw ?? nothing]);
  const key = pki.certificate('EUICC_ECDSA_NIST').publicKey;
  return verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature?.content ?? nothing);
}

const card = (): Terminal => started({ sgp32Version: '1.0.1' });

describe('what the card tells of itself', () => {
  it('EUICCInfo2 names 1.0.1 only, without features', () => {
    const info = card().read('BF2200', EUICCInfo2);
    expect(info.iotSpecificInfo).toEqual({ iotVersion: [bytes('010001')] });
  });

  it('SELECT answers with E0 and without E1', () => {
    const fci = hex(new Terminal(createEuicc({ sgp32Version: '1.0.1' })).start());
    expect(fci).toContain('E0058203020500');
    expect(fci).not.toContain('E10');
    expect(hex(new Terminal(createEuicc()).start())).toContain('E10');
  });

  it('the personalisation may say it, and the option wins', () => {
    const personalisation = { eid: EID, rootDsAddress: 'ds.example.com', sgp32Version: '1.0.1' } as const;
    expect(started({ personalisation }).ask('BF2200')).toContain('B407A0050403010001');
    expect(started({ personalisation, sgp32Version: '1.2' }).ask('BF2200')).toContain('010200');
  });

  it.each([
    'BF420480020780',
    'BF5B038001FF',
    'BF5C038001FF',
    'BF5D038001FF',
    'BF5E038001FF',
    'BF5F00',
    'BF640482020204',
    'BF65028000',
  ])('%s is unknown', (request) => {
    expect(card().es10(request).sw).toBe('6A88');
  });

  it('BF34 is unknown to a card of v1.2', () => {
    expect(started().es10('BF340482020410').sw).toBe('6A88');
  });
});

describe('packages', () => {
  it('signs a result over its data and the eimSignature of the request', () => {
    const eim = new OldEim(card());
    const request = eim.package(
      { psmoList: [{ enable: { iccid: bytes(ICCID1) } }] },
      { transactionId: bytes('0102') },
    );
    const result = eim.load(request);
    expect(result.euiccPackageResultSigned?.euiccPackageResultDataSigned).toMatchObject({
      transactionId: bytes('0102'),
      euiccResult: [{ enableResult: 0 }],
    });
  });

  it('signs an error over its data and the eimSignature of the request', () => {
    const eim = new OldEim(card());
    eim.counter = -1;
    const result = eim.load(eim.package({ psmoList: [{ getRAT: {} }] }));
    expect(result.euiccPackageErrorSigned?.euiccPackageErrorDataSigned.euiccPackageErrorCode).toBe(4);
  });

  it('tells no transaction id in the unsigned error', () => {
    const eim = new OldEim(card());
    const request = eim.package({ psmoList: [{ getRAT: {} }] }, { transactionId: bytes('77'), token: 9 });
    expect(eim.load(request)).toEqual({
      euiccPackageErrorUnsigned: { eimId: 'testeim1', associationToken: 1 },
    });
  });

  it('tells codes that came later as undefinedError, and those that it has as they are', () => {
    const eim = new OldEim(card());
    const { card: euicc } = eim.terminal;
    const set = (iccid: string, state: string): void =>
      euicc.applyPersonalisation('set-profile-state', { iccid, state });
    const enable = (iccid: string, more = {}): unknown =>
      eim.run({ psmoList: [{ enable: { iccid: bytes(iccid), ...more } }] });
    expect(enable(ICCID1, { rollbackFlag: null })).toEqual([{ enableResult: 127 }]);
    expect(enable('98000000000000000000')).toEqual([{ enableResult: 1 }]);
    set(ICCID4, 'enabled');
    expect(enable(ICCID1)).toEqual([{ enableResult: 127 }]);
    expect(enable(ICCID4)).toEqual([{ enableResult: 2 }]);
    expect(eim.run({ psmoList: [{ disable: { iccid: bytes(ICCID4) } }] })).toEqual([{ disableResult: 127 }]);
    expect(eim.run({ psmoList: [{ delete: { iccid: bytes(ICCID5) } }] })).toEqual([{ deleteResult: 127 }]);
    set(ICCID4, 'disabled');
    euicc.applyPersonalisation('cat-busy');
    expect(enable(ICCID1)).toEqual([{ enableResult: 127 }]);
    euicc.applyPersonalisation('fail-next-package', { code: 104 });
    const refused = eim.load(eim.package({ psmoList: [{ getRAT: {} }] }));
    expect(refused.euiccPackageErrorSigned?.euiccPackageErrorDataSigned.euiccPackageErrorCode).toBe(127);
  });

  it('lists Profiles as SGP.22 has them', () => {
    const eim = new OldEim(card());
    expect(eim.run({ psmoList: [{ listProfileInfo: { tagList: bytes('5A9F269F679F7B') } }] })).toMatchObject([
      {
        listProfileInfoResult: {
          profileInfoListOk: [{ iccid: bytes(ICCID1) }, { iccid: bytes(ICCID2) }, {}, {}, {}],
        },
      },
    ]);
    expect(eim.terminal.ask('BF2D065C049F269F67')).not.toContain('9F67');
  });

  it.each(['A80C5A0A989209012143658709F5', 'A900', 'BF65028000'])(
    'ends at the PSMO %s, which came later',
    (psmo) => {
      const terminal = card();
      const eim = new TestEim();
      eim.associate(terminal);
      const list = tlv(0xa0, concat([bytes('A600'), bytes(psmo), bytes('A600')]));
      const request = eim.psmos([], { list });
      const answer = terminal.ask(request);
      expect(answer).toMatch(/02010[2]5F3740/);
      expect(verifies(request, bytes(answer))).toBe(true);
    },
  );

  it('addEim of a known eIM is a commandError; listEim tells the type under 84; 89 is dropped', () => {
    const eim = new OldEim(card());
    const configuration = (eimId: string, more = {}): object => ({
      eimId,
      counterValue: 1,
      eimPublicKeyData: { eimPublicKey: pki.certificate('S_EIMsign2_ECDSA_NIST').spki },
      ...more,
    });
    const ecos = (addEim: object): EuiccPackage => ({ ecoList: [{ addEim }] }) as EuiccPackage;
    expect(eim.run(ecos(configuration('testeim1')))).toEqual([{ addEimResult: { addEimResultCode: 7 } }]);
    expect(eim.run(ecos(configuration('2.999.1', { eimIdType: 1 })))).toEqual([
      { addEimResult: { addEimResultCode: 0 } },
    ]);
    expect(eim.run({ ecoList: [{ listEim: {} }] })).toEqual([
      { listEimResult: { eimIdList: [{ eimId: 'testeim1' }, { eimId: '2.999.1', eimIdType: 1 }] } },
    ]);
  });
});

describe('ES10b', () => {
  it('resets by BF34: bit 3 is the eIM data, bit 4 the auto enabling, and the result keeps its universal tag', () => {
    const eim = new OldEim(card());
    expect(eim.terminal.ask('BF340482020410')).toBe('BF3406020100810100');
    expect(eim.terminal.read('BF5500', GetEimConfigurationDataResponse).eimConfigurationDataList).toEqual([]);
    expect(eim.terminal.read('BF340482020308', EuiccMemoryResetResponse)).toEqual({
      resetResult: 0,
      resetAutoEnableConfigResult: 0,
    });
    // Bit 3 deleted pre-loaded test Profiles in v1.2: none of the Profiles is gone.
    expect(eim.terminal.ask('BF2D035C015A').match(/5A0A98/g)).toHaveLength(5);
    expect(eim.terminal.read('BF340482020780', EuiccMemoryResetResponse)).toEqual({ resetResult: 0 });
    expect(eim.terminal.ask('BF2D00')).toBe('BF2D02A000');
  });

  it('EnableUsingDD has an empty request', () => {
    const terminal = card();
    expect(terminal.read('BF5A00', EnableUsingDDResponse)).toEqual({ enableUsingDDResult: 1 });
    expect(terminal.ask('BF59028000')).toBe('BF5903800100');
    expect(terminal.read('BF5A00', EnableUsingDDResponse)).toEqual({ enableUsingDDResult: 4 });
    terminal.card.applyPersonalisation('cat-busy');
    expect(terminal.read('BF5A00', EnableUsingDDResponse)).toEqual({ enableUsingDDResult: 127 });
  });

  it('AddInitialEim: 2 for a second one, no commandError', () => {
    const { terminal } = new OldEim(card());
    expect(new TestEim('other').associate(terminal)).toBe('BF5703810102');
    const fresh = card();
    const empty = fresh.read('BF5702A000', AddInitialEimResponse);
    expect(empty).toEqual({ addInitialEimError: 127 });
  });

  it('GetEimConfigurationData knows no criterion, and the entries have no 89', () => {
    const terminal = card();
    const withIndirect = { indirectProfileDownload: null };
    new TestEim().associate(terminal, withIndirect);
    const all = terminal.ask('BF5500');
    expect(all).not.toContain('8900');
    expect(terminal.ask('BF5509A0078005' + '6F74686572')).toBe(all);
  });

  it('RetrieveNotificationsList: both lists without criteria, as long as results are stored', () => {
    const eim = new OldEim(card());
    expect(eim.terminal.ask('BF2B00')).toBe('BF2B02A000');
    eim.run({ psmoList: [{ enable: { iccid: bytes(ICCID1) } }] });
    const all = eim.terminal.read('BF2B00', RetrieveNotificationsListResponse);
    expect(all.notificationAndEprList?.notificationList).toHaveLength(1);
    expect(all.notificationAndEprList?.euiccPackageResultList).toHaveLength(1);
    expect(eim.terminal.ask('BF2B05A003800102')).toMatch(/^BF2B..A2..BF51/);
    expect(eim.terminal.ask('BF3003800102')).toBe('BF3003800100');
    expect(eim.terminal.ask('BF2B00')).toMatch(/^BF2B82....A082/);
  });

  it('ProfileRollback signs the new result over the same eimSignature', () => {
    const eim = new OldEim(card());
    eim.terminal.card.applyPersonalisation('set-profile-state', { iccid: ICCID2, state: 'enabled' });
    const request = eim.package({ psmoList: [{ enable: { iccid: bytes(ICCID1), rollbackFlag: null } }] });
    eim.load(request);
    eim.terminal.start();
    const answer = bytes(eim.terminal.ask('BF58038001FF'));
    const result = topLevel(topLevel(answer)[0]?.content ?? nothing)[1]?.raw ?? nothing;
    expect(
      clean(EuiccPackageResult, result).euiccPackageResultSigned?.euiccPackageResultDataSigned,
    ).toMatchObject({
      euiccResult: [{ enableResult: 0 }, { rollbackResult: 0 }],
    });
    expect(verifies(request, result)).toBe(true);
  });
});
