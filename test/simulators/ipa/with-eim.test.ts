/** S_IPA and S_eUICC with the S_eIM of this project: whole cycles in both versions. */
import { describe, expect, it } from 'vitest';
import { tlv } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import {
  createEim,
  type Eim,
  type EimVersion,
  type OrderRequest,
} from '../../../src/simulators/eim/index.js';
import { createEuicc, issueEuiccIdentity, newEid, type SEuicc } from '../../../src/simulators/euicc/index.js';
import { Ipa, linkCard, type IpaOptions } from '../../../src/simulators/ipa/index.js';
import { bytes, hex, ICCID1, ICCID2 } from '../euicc/terminal.js';

const pki = loadPkiFolder();
const enable = (iccid: string): OrderRequest => ({
  kind: 'package',
  operations: [{ operation: 'enable', iccid }],
});

interface Pair {
  readonly eim: Eim;
  readonly card: SEuicc;
  readonly ipa: Ipa;
  /** Orders, lets the IPA poll until there is nothing, and tells what became of it. */
  readonly done: (request: OrderRequest) => Promise<unknown>;
}

async function associated(version: EimVersion, more: Partial<IpaOptions> = {}): Promise<Pair> {
  const eim = await createEim({ sgp32Version: version });
  const identity = issueEuiccIdentity(pki, newEid(), ['NIST']);
  const card = createEuicc({ identity, sgp32Version: version });
  const link = linkCard(card);
  const configuration = bytes(eim.operator.eimConfiguration().der);
  const answer = hex(await link.es10(tlv(0xbf57, tlv(0xa0, configuration))));
  const token = /^BF5705A0038401(..)$/.exec(answer)?.[1];
  await eim.operator.addDevice({
    eid: identity.eid,
    ...(token === undefined ? {} : { associationToken: Number.parseInt(token, 16) }),
  });
  const esipa = async (message: Uint8Array): Promise<Uint8Array> =>
    (await eim.handleEsipa(message)) ?? new Uint8Array(0);
  const ipa = new Ipa({ version, eid: identity.eid, ...link, esipa, eimId: eim.eimId, ...more });
  const done = async (request: OrderRequest): Promise<unknown> => {
    const { id } = await eim.operator.order(identity.eid, request);
    await ipa.pollUntilEmpty();
    const { status, error, results } = await eim.operator.orderView(id);
    return { status, error, codes: results.map(({ code }) => code) };
  };
  return { eim, card, ipa, done };
}

const OK = { status: 'done', error: undefined, codes: ['ok'] };

describe.each(['1.2', '1.0.1'] as const)('v%s', (version) => {
  it.each([
    {},
    { bundle: false },
    { resultBy: 'handleNotification' },
    { resultBy: 'handleNotification', bundle: false },
  ] as const)('enables a Profile and another one, %j', async (how) => {
    const { eim, card, done } = await associated(version, how);
    expect(await done(enable(ICCID1))).toEqual(OK);
    expect(await done(enable(ICCID2))).toEqual(OK);
    expect(await done({ kind: 'package', operations: [{ operation: 'listProfileInfo' }] })).toEqual(OK);
    const view = await eim.operator.device(card.eid);
    expect(view.profiles.filter((p) => p.state === 'enabled').map((p) => p.iccid)).toEqual([ICCID2]);
    await eim.close();
  });

  it('goes on after a result that got lost', async () => {
    let lost = 0;
    const { eim, card, ipa } = await associated(version, {
      deviate: (message, kind) => (kind !== 'getEimPackage' && ++lost === 2 ? 'drop' : message),
    });
    const orders = [];
    for (const iccid of [ICCID1, ICCID2]) orders.push(await eim.operator.order(card.eid, enable(iccid)));
    const outcomes = await ipa.pollUntilEmpty();
    expect(outcomes.flatMap((o) => o.sentAgain)).toHaveLength(1);
    for (const { id } of orders) expect((await eim.operator.orderView(id)).status).toBe('done');
    await eim.close();
  });

  it('answers a data request and a trigger', async () => {
    const { eim, card, done } = await associated(version);
    expect(await done({ kind: 'ipaEuiccData' })).toMatchObject({ status: 'done' });
    const view = await eim.operator.device(card.eid);
    expect(view).toMatchObject({ defaultDpAddress: 'testsmdpplus1.example.com' });
    expect(view.ipaFeatures).toEqual(['directRspServerCommunication', 'indirectRspServerCommunication']);
    expect(view.euiccCertificate).toMatch(/^3082/);
    expect(await done({ kind: 'profileDownload', activationCode: '1$smdp.example.com$MATCH' })).toMatchObject(
      { status: 'failed' },
    );
    await eim.close();
  });

  it('tells failures by their names', async () => {
    const { eim, card, done } = await associated(version);
    expect(await done(enable(ICCID1))).toEqual(OK);
    expect(await done(enable(ICCID1))).toMatchObject({ codes: ['profileNotInDisabledState'] });
    card.applyPersonalisation('fail-next-package');
    expect(await done(enable(ICCID2))).toMatchObject({ status: 'failed', error: 'undefinedError' });
    card.applyPersonalisation('fail-next-operation', { code: 7 });
    expect(
      await done({ kind: 'package', operations: [{ operation: 'deleteEim', eimId: 'nobody' }] }),
    ).toMatchObject({ codes: ['commandError'] });
    await eim.close();
  });
});

it('does not trust an eUICC of a foreign CI', async () => {
  for (const foreign of ['unknown-ci', 'forged-eum'] as const) {
    const eim = await createEim();
    const identity = issueEuiccIdentity(pki, newEid(), ['NIST'], { foreign });
    const link = linkCard(createEuicc({ identity }));
    await link.es10(tlv(0xbf57, tlv(0xa0, bytes(eim.operator.eimConfiguration().der))));
    await eim.operator.addDevice({ eid: identity.eid, associationToken: 1 });
    const { id } = await eim.operator.order(identity.eid, enable(ICCID1));
    const esipa = async (message: Uint8Array): Promise<Uint8Array> =>
      (await eim.handleEsipa(message)) ?? new Uint8Array(0);
    await new Ipa({ version: '1.2', eid: identity.eid, ...link, esipa }).pollUntilEmpty(5);
    expect((await eim.operator.orderView(id)).status).not.toBe('done');
    expect((await eim.operator.device(identity.eid)).euiccCertificate).toBeUndefined();
    await eim.close();
  }
});
