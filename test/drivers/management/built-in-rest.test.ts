/** The mappings that come with the package, on the API of the built-in eIM: every operation that they map. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eimSettings } from '../../../src/cli/drivers/eim-settings.js';
import type { FactMap, ManagementApi, ManagementOperation } from '../../../drivers/eim-contract.js';
import { createManagementApi, type ManagementMapping } from '../../../drivers/management/index.js';
import { loadTarget } from '../../../src/engine/load-target.js';
import { bytesToHex, hexToBytes, tlv } from '../../../src/protocol/asn1/index.js';
import { packageRoot } from '../../../src/protocol/package-root.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { createEuicc, issueEuiccIdentity, newEid } from '../../../src/simulators/euicc/index.js';
import { Ipa, linkCard } from '../../../src/simulators/ipa/index.js';
import type { Eim } from '../../../src/simulators/eim/types.js';
import { serveEim } from '../../../src/simulators/eim/serve/index.js';
import { ICCID } from './support.js';

const root = packageRoot();
const pki = loadPkiFolder();
const euicc = pki.certificate('EUICC_ECDSA_NIST');
const EID = euicc.eid ?? '';
const certificates = {
  euiccCertificate: bytesToHex(euicc.der),
  eumCertificate: bytesToHex(pki.certificate('EUM_ECDSA_NIST').der),
};
const otherEim = {
  eimId: 'other-eim',
  eimIdType: 'proprietary',
  eimFqdn: 'other.example.com',
  counterValue: '1',
  eimCertificate: bytesToHex(pki.certificate('S_EIMsign2_ECDSA_NIST').der),
  eimSupportedProtocol: ['eimRetrieveHttps'],
};

const ORDERS: Readonly<Record<string, FactMap>> = {
  enable: { iccid: ICCID, rollbackFlag: 'true' },
  disable: { iccid: ICCID },
  delete: { iccid: ICCID },
  setFallbackAttribute: { iccid: ICCID },
  listProfileInfo: { searchCriteria: { profileClass: 'operational' }, tagList: '5A9F70' },
  getRAT: {},
  unsetFallbackAttribute: {},
  configureImmediateEnable: { immediateEnableFlag: 'true', defaultSmdpAddress: 'smdp.example.com' },
  setDefaultDpAddress: { defaultDpAddress: 'smdp.example.com' },
  addEim: { eim: otherEim },
  updateEim: { eim: { eimId: 'other-eim', counterValue: '2' } },
  deleteEim: { eimId: 'other-eim' },
  listEim: {},
  package: { operations: [{ operation: 'disable', iccid: ICCID }, { operation: 'getRAT' }] },
  ipaEuiccData: { tagList: 'BF20BF22', searchCriteriaNotification: { seqNumber: '7' } },
  profileDownload: { activationCode: '1$smdp.example.com$MATCH-1' },
};

const targets = [
  'builtin-eim-rest.yaml',
  'builtin-eim-facilities.yaml',
  'examples/eim-endpoint-per-operation.yaml',
  'examples/eim-order-and-poll.yaml',
];

interface Served {
  readonly api: ManagementApi;
  readonly eim: Eim;
  /** A poll of the device, whose answer nobody looks at. */
  readonly deliver: () => Promise<void>;
}

async function served(file: string): Promise<Served> {
  const settings = eimSettings(loadTarget(root, join('config/targets', file)), root, {
    EIM_TOKEN: 'token-1234',
  });
  const eimServer = await serveEim({ api: { port: 0 } });
  const url = eimServer.api ?? '';
  const mapping = settings.management as ManagementMapping;
  const http = mapping.http === undefined ? {} : { http: { ...mapping.http, url } };
  const api = createManagementApi({ ...mapping, ...http }, { url, env: { EIM_TOKEN: 'token-1234' } });
  onTestFinished(async () => {
    await api.close();
    await eimServer.close();
  });
  const poll = hexToBytes(`BF4F125A10${EID}`) as Uint8Array;
  const { eim } = eimServer;
  return { api, eim, deliver: async () => void (await eim.handleEsipa(poll)) };
}

describe.each(targets)('%s', (file) => {
  test('maps what the built-in eIM can be asked', async () => {
    const { api } = await served(file);
    const device = { eid: EID, ...certificates, associationToken: '1', counterValue: '5' };
    expect(await api.call('addDevice', device)).toMatchObject({ accepted: true });
    const again = await api.call('addDevice', device);
    expect(again).toMatchObject({ accepted: false, facts: { status: '409', reason: /./ } });

    const configuration = (await api.call('exportEimConfiguration', {})).facts['eimConfigurationData'];
    expect(configuration).toMatch(/^30[0-9A-F]+$/);

    for (const [operation, parameters] of Object.entries(ORDERS)) {
      const { accepted, facts } = await api.call(operation as ManagementOperation, {
        eid: EID,
        ...parameters,
      });
      expect({ operation, accepted, facts }).toMatchObject({ accepted: true, facts: { order: /./ } });
      const outcome = await api.call('outcome', { order: facts['order'] ?? '', deadlineMs: '0' });
      expect({ operation, ...outcome.facts }).toMatchObject({ status: 'pending' });
    }
    const first = await api.call('enable', { eid: EID, iccid: '98' });
    expect(first).toMatchObject({ accepted: false, facts: { status: '422' } });

    if (api.operations.has('device'))
      expect((await api.call('device', { eid: EID })).facts).toMatchObject({
        associated: 'true',
        associationToken: '1',
        profiles: [],
        euiccCertificate: certificates.euiccCertificate,
      });
  });

  test('what a real eUICC did comes back', async () => {
    const { api, eim } = await served(file);
    const identity = issueEuiccIdentity(pki, newEid(), ['NIST']);
    const card = linkCard(createEuicc({ identity }));
    const configuration = (await api.call('exportEimConfiguration', {})).facts['eimConfigurationData'];
    const initial = tlv(0xbf57, tlv(0xa0, hexToBytes(configuration as string) as Uint8Array));
    const token = /84..(.+)$/.exec(bytesToHex(await card.es10(initial)))?.[1];
    const { eid } = identity;
    const associationToken =
      token === undefined ? {} : { associationToken: String(Number.parseInt(token, 16)) };
    // Without its certificates: the eIM asks the device for them.
    expect(await api.call('addDevice', { eid, ...associationToken })).toMatchObject({ accepted: true });
    const list = await api.call('listProfileInfo', { eid });
    const enable = await api.call('enable', { eid, iccid: '98000000000000000000' });

    const esipa = async (message: Uint8Array) => (await eim.handleEsipa(message)) ?? new Uint8Array(0);
    await new Ipa({ version: '1.2', eid, ...card, esipa }).pollUntilEmpty(10);

    const iccid = expect.stringMatching(/^98[0-9A-F]{18}$/) as string;
    expect((await api.call('outcome', { order: list.facts['order'] ?? '' })).facts).toMatchObject({
      status: 'done',
      counterValue: /^\d+$/,
      results: [
        {
          operation: 'listProfileInfo',
          code: 'ok',
          data: expect.arrayContaining([expect.objectContaining({ iccid })]) as unknown,
        },
      ],
    });
    expect((await api.call('outcome', { order: enable.facts['order'] ?? '' })).facts).toMatchObject({
      results: [{ operation: 'enable', code: 'iccidOrAidNotFound' }],
    });
  });

  test('a poll of the outcome ends with what is wanted', async () => {
    const { api, deliver } = await served(file);
    await api.call('addDevice', { eid: EID, ...certificates });
    const { facts } = await api.call('disable', { eid: EID, iccid: ICCID });
    const outcome = api.call('outcome', { order: facts['order'] ?? '', wanted: 'delivered' });
    await deliver();
    const { facts: view, events } = await outcome;
    expect(view).toMatchObject({ status: 'delivered', results: [] });
    expect(events.length).toBeLessThanOrEqual(4);
  });
});

test('every target of an eIM below examples is checked here or by hand', () => {
  const names = readdirSync(join(root, 'config/targets/examples'))
    .filter((f) => f.startsWith('eim-'))
    .map((f) => `examples/${f}`);
  const others = ['examples/eim-by-hand.yaml', 'examples/eim-command.yaml'];
  expect(names.sort()).toEqual([...targets.filter((t) => t.startsWith('examples')), ...others].sort());
  for (const file of others)
    expect(() => eimSettings(loadTarget(root, join('config/targets', file)), root, {})).not.toThrow();
});
