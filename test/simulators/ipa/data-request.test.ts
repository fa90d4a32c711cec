import { describe, expect, it } from 'vitest';
import { tlv } from '../../../src/protocol/asn1/index.js';
import { IpaEuiccDataResponse } from '../../../src/protocol/types/eim-package.js';
import { IpaEuiccDataResponse as OldDataResponse } from '../../../src/protocol/types/v1-0-1-eim-package.js';
import { ciPkId, enable } from '../euicc/eim.js';
import { bytes, clean, EID, hex, ICCID1 } from '../euicc/terminal.js';
import { device } from './scripted-eim.js';

const ALL_1_2 = '81BF20BF228384A5A6A8A9A0A2';
const ALL_1_0_1 = '80BF20BF228384A5A688A9BF2B';

const request = (tagList: string, more = ''): Uint8Array =>
  bytes(
    `BF52${length(tagList.length / 2 + 2 + more.length / 2)}5C${length(tagList.length / 2)}${tagList}${more}`,
  );
const length = (n: number): string => n.toString(16).padStart(2, '0').toUpperCase();

describe('IpaEuiccDataRequest of v1.2', () => {
  it('is answered with everything, in the order of the type', async () => {
    const { ipa, eim, signer } = await device();
    eim.acknowledge = [];
    // The list in reverse order: the answer has its own.
    eim.offer(signer.psmos([enable(ICCID1)]), request('A2A0A9A8A6A58483BF22BF2081', '83020102'));
    await ipa.poll();
    const { result } = await ipa.poll();
    const { ipaEuiccData } = clean(IpaEuiccDataResponse, result ?? bytes(''));
    expect(ipaEuiccData).toMatchObject({
      defaultSmdpAddress: 'testsmdpplus1.example.com',
      rootSmdsAddress: 'testrootsmds.example.com',
      associationToken: 1,
      eimTransactionId: bytes('0102'),
    });
    expect(Object.keys(ipaEuiccData ?? {}).sort()).toEqual([
      'associationToken',
      'defaultSmdpAddress',
      'deviceInfo',
      'eimTransactionId',
      'euiccCertificate',
      'euiccInfo1',
      'euiccInfo2',
      'euiccPackageResultList',
      'eumCertificate',
      'ipaCapabilities',
      'notificationsList',
      'rootSmdsAddress',
    ]);
  });

  it('has acknowledged notifications and results removed', async () => {
    const { ipa, eim, signer, ask } = await device({ eimId: 'testeim2' });
    await ask(hex(signer.psmos([enable(ICCID1)])));
    eim.offer(request('A0A2'));
    eim.acknowledge = [1, 2];
    expect((await ipa.poll()).acknowledged).toEqual([1, 2]);
    expect(await ask('BF2B00')).toBe('BF2B02A000');
    expect(await ask('BF2B04A0028200')).toBe('BF2B02A200');
  });

  it('leaves out what does not exist', async () => {
    const { ipa, eim, card } = await device();
    card.applyPersonalisation('set-default-dp-address', { address: '' });
    eim.offer(request('81A0A2'));
    const { result } = await ipa.poll();
    expect(hex(result ?? bytes(''))).toBe('BF5202A000');
    expect(eim.results[0]).toBe(`BF50175A10${EID}BF5202A000`);
  });

  it.each([
    ['5A', 'A103020101'],
    ['BF2D', 'A103020101'],
    ['BF2B', 'A103020101'],
    ['80', 'A103020101'],
    ['BF', 'A103020101'],
    ['87', 'A103020101'],
  ])('the tag %s is none of it', async (tag, error) => {
    const { ipa, eim } = await device();
    eim.offer(request(tag));
    expect(hex((await ipa.poll()).result ?? bytes(''))).toBe(`BF5205${error}`);
  });

  it('takes a truncated euiccCiPKIdentifierToBeUsed, and refuses one that nobody has', async () => {
    const { ipa, eim, ask } = await device();
    const brp = hex(ciPkId('BRP'));
    eim.offer(request('A5A6', `0403${brp.slice(0, 6)}`), request('A5A6', '0403000000' + '8301AA'));
    const [first, second] = await ipa.pollUntilEmpty();
    const certs = await ask(`BF56168014${brp}`);
    const { ipaEuiccData } = clean(IpaEuiccDataResponse, first?.result ?? bytes(''));
    expect(certs).toContain(hex(tlv(0xa6, contentOf(ipaEuiccData?.euiccCertificate))));
    expect(hex(second?.result ?? bytes(''))).toBe('BF5208A1068001AA020105');
  });

  it('is refused while the Emergency Profile is on', async () => {
    const { ipa, eim } = await device({ ecallActive: () => true });
    eim.offer(request('81'), bytes('BF5404A0028100'));
    const [data, trigger] = await ipa.pollUntilEmpty();
    expect(hex(data?.result ?? bytes(''))).toBe('BF5205A103020168');
    expect(hex(trigger?.result ?? bytes(''))).toBe('BF54053003800168');
  });

  it('searches notifications and results apart', async () => {
    const { ipa, eim, signer, ask } = await device({ eimId: 'testeim2' });
    await ask(hex(signer.psmos([enable(ICCID1)])));
    const number = (result?: Uint8Array): string => hex(result ?? bytes(''));
    eim.offer(
      request('A0', 'A1048102' + '0640'),
      request('A0', 'A10481020520'),
      request('A2', 'A203800102'),
      request('A2', 'A203800101'),
    );
    eim.acknowledge = [];
    const outcomes = await ipa.pollUntilEmpty();
    expect(number(outcomes[0]?.result)).toContain('BF2F');
    expect(number(outcomes[1]?.result)).toBe('BF5202A000');
    expect(number(outcomes[2]?.result)).toMatch(/^BF52..A0..A2..BF51/);
    expect(number(outcomes[3]?.result)).toBe('BF5202A000');
  });

  it('knows all tags of the version', async () => {
    const { ipa, eim } = await device();
    eim.offer(request(ALL_1_2));
    expect((await ipa.poll()).kind).toBe('ipaEuiccData');
    expect(eim.results[0]).toMatch(/^BF5082....5A10.{32}BF5282....A082/);
  });
});

describe('IpaEuiccDataRequest of v1.0.1', () => {
  it('is answered with everything; the answer of the eUICC stands in it as it came', async () => {
    const { ipa, eim, signer, ask } = await device({ version: '1.0.1', eimId: 'testeim2' });
    await ask(hex(signer.psmos([enable(ICCID1)])));
    const list = await ask('BF2B00');
    eim.offer(request(ALL_1_0_1), request(ALL_1_0_1.replace('88', 'A8'), 'A1028200'));
    const [all, results] = await ipa.pollUntilEmpty();
    expect(hex(all?.result ?? bytes(''))).toContain(list);
    const { ipaEuiccData } = clean(OldDataResponse, all?.result ?? bytes(''));
    expect(ipaEuiccData?.notificationsList?.notificationAndEprList?.notificationList).toHaveLength(1);
    const second = clean(OldDataResponse, results?.result ?? bytes('')).ipaEuiccData;
    expect(second?.notificationsList?.euiccPackageResultList).toHaveLength(1);
  });

  it.each(['81', 'A0', 'A2', '5A'])('the tag %s is none of it', async (tag) => {
    const { ipa, eim } = await device({ version: '1.0.1' });
    eim.offer(request(tag));
    expect(hex((await ipa.poll()).result ?? bytes(''))).toBe('BF5203810101');
  });
});

describe('ProfileDownloadTriggerRequest', () => {
  const code = hex(new TextEncoder().encode('1$smdp.example.com$MATCH'));
  const trigger = bytes(`BF5420A01A8018${code}82020A0B`);

  it('is handed to whoever downloads, and its result has the transaction id', async () => {
    const seen: string[] = [];
    const { ipa, eim } = await device({
      download: async (request) => {
        seen.push(hex(request));
        return bytes('BF3700');
      },
    });
    eim.offer(trigger);
    expect(hex((await ipa.poll()).result ?? bytes(''))).toBe('BF540782020A0BBF3700');
    expect(seen).toEqual([hex(trigger)]);
  });

  it('fails without anybody who downloads, in the form of the version', async () => {
    for (const [version, result] of [
      ['1.2', 'BF540982020A0B300380017F'],
      ['1.0.1', 'BF540682020A0B3000'],
    ] as const) {
      const { ipa, eim } = await device({ version });
      eim.offer(trigger);
      expect(hex((await ipa.poll()).result ?? bytes(''))).toBe(result);
    }
  });

  it.each(['BF5404A0028100', 'BF5404A002A200', 'BF5407A005A203800161'])(
    '%s is in its format',
    async (request) => {
      const { ipa, eim } = await device();
      eim.offer(bytes(request));
      expect((await ipa.poll()).kind).toBe('profileDownload');
    },
  );

  it('needs no data where the eIM handles them', async () => {
    const { ipa, eim } = await device({ ipaCapabilities: { ipaFeatures: [1, 2] } });
    eim.offer(bytes('BF5400'));
    expect((await ipa.poll()).kind).toBe('profileDownload');
  });
});

/** What stands in a Certificate's SEQUENCE. */
function contentOf(certificate: Uint8Array | undefined): Uint8Array {
  expect(certificate?.[0]).toBe(0x30);
  expect(certificate?.[1]).toBe(0x82);
  return (certificate ?? new Uint8Array(4)).subarray(4);
}
