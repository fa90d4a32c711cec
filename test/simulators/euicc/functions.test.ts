import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { verifyEuiccChain } from '../../../src/protocol/pki/chain.js';
import { parseCertificate } from '../../../src/protocol/pki/certificate.js';
import { EUICCInfo2 } from '../../../src/protocol/types/es10-data.js';
import { GetCertsResponse } from '../../../src/protocol/types/es10.js';
import { ProfileInfoListResponse } from '../../../src/protocol/types/esep-result.js';
import { ciPkId, disable, enable, remove, TestEim } from './eim.js';
import { bytes, EID, hex, ICCID1, ICCID2, ICCID3, started, type Terminal } from './terminal.js';

function associated(): { terminal: Terminal; eim: TestEim } {
  const terminal = started();
  const eim = new TestEim();
  eim.associate(terminal);
  return { terminal, eim };
}

function enabled(terminal: Terminal): string | undefined {
  return /5A0A(.{20})9F700101/.exec(terminal.ask('BF2D055C035A9F70'))?.[1];
}

describe('information', () => {
  it('EUICCInfo2 is DER, with the IoT fields, and its lists equal those of EUICCInfo1', () => {
    const terminal = started();
    const info = terminal.read('BF2200', EUICCInfo2);
    expect(info).toMatchObject({
      svn: bytes('020500'),
      ipaMode: 0,
      forbiddenProfilePolicyRules: { bytes: bytes('40'), unusedBits: 6 },
      iotSpecificInfo: { iotVersion: [bytes('010200')], ecallSupported: null, fallbackSupported: null },
      euiccCiPKIdListForSigning: [ciPkId('NIST'), ciPkId('BRP')],
    });
    const lists = `A92C0414${hex(ciPkId('NIST'))}0414${hex(ciPkId('BRP'))}`;
    expect(terminal.ask('BF2000')).toBe(`BF20618203020500${lists}${lists.replace('A9', 'AA')}`);
  });

  it('a challenge is fresh each time', () => {
    const terminal = started();
    const [a, b] = [terminal.ask('BF2E00'), terminal.ask('BF2E00')];
    expect(a).toMatch(/^BF2E128010/);
    expect(a).not.toBe(b);
  });

  it('GetCerts gives a chain that verifies, for each CI', () => {
    const terminal = started();
    const pki = loadPkiFolder();
    for (const curve of ['NIST', 'BRP'] as const) {
      const { certs } = terminal.read(`BF56168014${hex(ciPkId(curve))}`, GetCertsResponse);
      const [eum, euicc] = [certs?.eumCertificate, certs?.euiccCertificate].map((der) =>
        parseCertificate(der ?? new Uint8Array(0)),
      );
      if (eum === undefined || euicc === undefined) return expect.fail('no chain');
      expect(verifyEuiccChain({ ci: pki.certificate(`CI_ECDSA_${curve}`), eum, euicc })).toEqual([]);
      expect(euicc.eid).toBe(EID);
      expect(
        createHash('sha1')
          .update(eum.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65))
          .digest('hex')
          .toUpperCase(),
      ).toBe(euicc.akiHex);
    }
    expect(terminal.ask('BF56168014' + '00'.repeat(20))).toBe('BF5603810101');
  });

  it('the default SM-DP+ address is set, removed, and reset', () => {
    const terminal = started();
    const root = '811874657374726F6F74736D64732E6578616D706C652E636F6D';
    expect(terminal.ask('BF650680046162 6364')).toBe('BF6503800100');
    expect(terminal.ask('BF3C00')).toBe(`BF3C20800461626364${root}`);
    expect(terminal.ask('BF3F028000')).toBe('BF3F03800100');
    expect(terminal.ask('BF3C00')).toBe(`BF3C1A${root}`);
    expect(terminal.ask('BF640482020520')).toBe('BF6403800100');
    expect(terminal.ask('BF3C00')).toContain('74657374736D6470706C7573312E6578616D706C652E636F6D');
  });
});

describe('GetProfilesInfo', () => {
  it('gives the default fields; fallbackAttribute only when TRUE', () => {
    const first = started().read('BF2D00', ProfileInfoListResponse).profileInfoListOk?.[0];
    expect(first).toEqual({
      iccid: bytes(ICCID1),
      isdpAid: bytes('A0000005591010FFFFFFFF8900101000'),
      profileState: 0,
      serviceProviderName: 'SP Name 1',
      profileName: 'Operational Profile Name 1',
      profileClass: 2,
      ecallIndication: false,
      fallbackAllowed: false,
    });
  });

  it('searches, takes a tagList, and answers bad criteria with incorrectInputValues', () => {
    const terminal = started();
    expect(terminal.ask(`BF2D11A00C5A0A${ICCID2}5C015A`)).toBe(`BF2D10A00EE30C5A0A${ICCID2}`);
    expect(terminal.ask('BF2D17A0124F10A0000005591010FFFFFFFF89001011005C015A')).toContain(ICCID2);
    expect(terminal.ask('BF2D05A003950100')).toBe('BF2D02A000');
    expect(terminal.ask('BF2D065C04B6B799B8')).toContain('99020640');
    for (const bad of ['BF2D05A0035A0198', 'BF2D05A003950109', 'BF2D05A003810100', 'BF2D02A000'])
      expect([bad, terminal.ask(bad)]).toEqual([bad, 'BF2D03810101']);
    expect(terminal.es10('BF2D035C019F').sw).toBe('6A80');
  });
});

describe('notifications', () => {
  it('are filtered by event and removed by number', () => {
    const { terminal, eim } = associated();
    eim.run(terminal, [enable(ICCID1)]);
    eim.run(terminal, [disable(ICCID1), remove(ICCID1)]);
    terminal.start();
    const numbers = (filter: string): string[] =>
      [...terminal.ask(filter).matchAll(/BF2F2E8001(..)/g)].map((m) => m[1] ?? '');
    expect(numbers('BF2800')).toEqual(['01', '03', '04']);
    expect(numbers('BF280481020410')).toEqual(['04']);
    expect(numbers('BF280481020780')).toEqual([]);
    expect(numbers('BF2B05A003800103')).toEqual(['03']);
    expect(numbers('BF2B06A00481020640')).toEqual(['01']);
    expect(terminal.ask('BF2B05A003800163')).toBe('BF2B02A000');
    expect(terminal.ask('BF3003800103')).toBe('BF3003800100');
    expect(numbers('BF2800')).toEqual(['01', '04']);
  });
});

describe('rollback', () => {
  it('goes back once and replaces the result', () => {
    const { terminal, eim } = associated();
    eim.run(terminal, [enable(ICCID1)]);
    expect(terminal.ask('BF58038001FF')).toBe('BF5803020101');
    eim.load(terminal, eim.psmos([enable(ICCID2, true)], { transactionId: '42' }));
    expect(enabled(terminal)).toBe(ICCID2);
    const answer = terminal.ask('BF58038001FF');
    const result = eim.verified(bytes(answer.replace(/^BF58..020100/, '')));
    expect(result.euiccPackageResultSigned?.euiccPackageResultDataSigned).toMatchObject({
      counterValue: 3,
      eimTransactionId: bytes('42'),
      seqNumber: 6,
      euiccResult: [{ enableResult: 0 }, { rollbackResult: 0 }],
    });
    expect(enabled(terminal)).toBe(ICCID1);
    expect(terminal.ask('BF2B05A003800105')).toBe('BF2B02A000');
    expect(terminal.ask('BF2B05A003800106')).toContain('8C0100');
    expect([...terminal.ask('BF2800').matchAll(/BF2F/g)]).toHaveLength(1);
    expect(terminal.ask('BF58038001FF')).toBe('BF5803020101');
  });

  it('ends with the next package, and with the delivery of the result', () => {
    const { terminal, eim } = associated();
    eim.run(terminal, [enable(ICCID1)]);
    expect(eim.run(terminal, [enable(ICCID2, true), remove(ICCID1)])).toEqual([
      { enableResult: 0 },
      { deleteResult: 20 },
    ]);
    eim.run(terminal, [remove(ICCID1)]);
    expect(terminal.ask('BF58038001FF')).toBe('BF5803020101');
    eim.run(terminal, [enable(ICCID3, true)]);
    const last = eim.load(terminal, eim.psmos([enable(ICCID2, true)])).euiccPackageResultSigned;
    const number = Number(last?.euiccPackageResultDataSigned.seqNumber).toString(16).padStart(2, '0');
    expect(terminal.ask(`BF30038001${number}`)).toBe('BF3003800100');
    expect(terminal.ask('BF58038001FF')).toBe('BF5803020101');
  });
});

describe('fallback and Emergency Profile', () => {
  it('falls back and returns', () => {
    const { terminal, eim } = associated();
    expect(terminal.ask('BF5D038001FF')).toBe('BF5D03800106');
    const set = (iccid: string): unknown[] =>
      eim.run(terminal, [{ setFallbackAttribute: { iccid: bytes(iccid) } }]);
    expect(set(ICCID1)).toEqual([{ setFallbackAttributeResult: 2 }]);
    expect(set(ICCID3)).toEqual([{ setFallbackAttributeResult: 0 }]);
    expect(set(ICCID2)).toEqual([{ setFallbackAttributeResult: 0 }]);
    expect(terminal.ask('BF2D045C029F26')).toMatch(/^BF2D..A0..E300E3049F2601FFE300/);
    expect(terminal.ask('BF5D038001FF')).toBe('BF5D03800107');
    eim.run(terminal, [enable(ICCID1)]);
    expect(terminal.ask('BF5E038001FF')).toBe('BF5E03800106');
    expect(terminal.ask('BF5D038001FF')).toBe('BF5D03800100');
    expect(enabled(terminal)).toBe(ICCID2);
    expect(terminal.ask('BF5D038001FF')).toBe('BF5D03800102');
    expect(set(ICCID3)).toEqual([{ setFallbackAttributeResult: 3 }]);
    expect(eim.run(terminal, [remove(ICCID1)])).toEqual([{ deleteResult: 21 }]);
    expect(terminal.ask('BF5E038001FF')).toBe('BF5E03800100');
    expect(enabled(terminal)).toBe(ICCID1);
    expect(eim.run(terminal, [{ unsetFallbackAttribute: {} }])).toEqual([
      { unsetFallbackAttributeResult: 0 },
    ]);
    expect(eim.run(terminal, [{ unsetFallbackAttribute: {} }])).toEqual([
      { unsetFallbackAttributeResult: 2 },
    ]);
  });

  it('refuses packages, memory reset and fallback while the Emergency Profile is on', () => {
    const { terminal, eim } = associated();
    expect(terminal.ask('BF5B038001FF')).toBe('BF5B03800108');
    terminal.card.applyPersonalisation('install-profile', { name: 'PROFILE_EMERGENCY' });
    eim.run(terminal, [enable(ICCID1)]);
    const before = terminal.ask('BF2800');
    expect(terminal.ask('BF5B038001FF')).toBe('BF5B03800100');
    terminal.start();
    expect(terminal.ask('BF5B038001FF')).toBe('BF5B03800102');
    expect(terminal.ask('BF2800')).toBe(before);
    expect(eim.load(terminal, eim.psmos([{ getRAT: {} }], { counter: 3 }))).toMatchObject({
      euiccPackageErrorSigned: { euiccPackageErrorDataSigned: { euiccPackageErrorCode: 104 } },
    });
    expect(terminal.ask('BF640482020780')).toBe('BF6403800168');
    expect(terminal.ask('BF5D038001FF')).toBe('BF5D03800168');
    expect(terminal.ask('BF5C038001FF')).toBe('BF5C03800100');
    expect(enabled(terminal)).toBe(ICCID1);
    expect(terminal.ask('BF5C038001FF')).toBe('BF5C03800102');
    expect(eim.run(terminal, [{ getRAT: {} }], { counter: 3 })).toHaveLength(1);
  });
});

describe('memory reset and interruption', () => {
  it('deletes the operational Profiles, the enabled one too, and notifies', () => {
    const { terminal, eim } = associated();
    eim.run(terminal, [enable(ICCID1)]);
    expect(terminal.ask('BF640482020780')).toBe('BF6403800100');
    expect(terminal.ask('BF2D00')).toBe('BF2D02A000');
    expect([...terminal.ask('BF280481020410').matchAll(/BF2F/g)]).toHaveLength(5);
    expect(terminal.ask('BF640482020780')).toBe('BF6403800101');
  });

  it('keeps the result of a package that a loss of power cut', () => {
    const { terminal, eim } = associated();
    terminal.card.applyPersonalisation('interrupt-next-package');
    expect(terminal.es10(eim.psmos([{ getRAT: {} }, enable(ICCID1)])).sw).toBe('6F00');
    expect(terminal.es10('BF2D00').sw).toBe('6F00');
    terminal.start();
    expect(terminal.ask('BF2B04A0028200')).toContain('020103');
    expect(enabled(terminal)).toBeUndefined();
    expect(eim.run(terminal, [enable(ICCID1)])).toEqual([{ enableResult: 0 }]);
  });
});
