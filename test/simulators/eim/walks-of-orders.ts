/** Walks through what goes out: packages, data requests, triggers, and what is refused. */
import type { OrderRequest, PackageOperation } from '../../../src/simulators/eim/index.js';
import { bytes, EIM_CONFIGURATION, hex, ICCID1, ICCID2, int, pki, t } from './bench.js';
import { codeOf, type Walk } from './walk.js';

const enable = { operation: 'enable', iccid: ICCID1 } as const;
const list = { operation: 'listProfileInfo' } as const;

const PACKAGES: PackageOperation[][] = [
  [{ ...enable, rollbackFlag: true }],
  [
    { operation: 'disable', iccid: ICCID1 },
    { operation: 'delete', iccid: ICCID1 },
  ],
  [list],
  [{ ...list, searchCriteria: { profileClass: 'operational' }, tagList: '9F26' }],
  [{ operation: 'getRAT' }],
  [{ operation: 'configureImmediateEnable', defaultSmdpOid: '2.999.10' }],
  [{ operation: 'setFallbackAttribute', iccid: ICCID1 }],
  [{ operation: 'unsetFallbackAttribute' }],
  [{ operation: 'setDefaultDpAddress', defaultDpAddress: 'a.b' }],
  [{ operation: 'addEim', eim: EIM_CONFIGURATION }],
  [{ operation: 'updateEim', eim: { eimId: 'x', eimFqdn: 'a.b' } }],
  [{ operation: 'deleteEim', eimId: 'x' }, { operation: 'listEim' }],
];

/** Every operation, signed and counted; two devices. */
export async function packages(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const [one, two] = [await walk.device(eim, 1), await walk.device(eim, 2, { counterValue: 65_534 })];
  walk.say('configuration', eim.operator.eimConfiguration());
  for (const operations of PACKAGES) {
    await one.order(...operations);
    await walk.poll(one);
    await one.provide(one.error(127));
  }
  for (let i = 0; i < 2; i++) {
    await two.order(enable);
    await walk.poll(two);
    await walk.poll(two);
    await walk.tell(two, two.result(int('83', 0)));
  }
  await two.order(enable);
  const polled = async (connection: object): Promise<string> =>
    hex((await eim.handleEsipa(bytes(t('BF4F', t('5A', two.eid))), connection)) ?? new Uint8Array(0));
  const [first, second] = [{}, {}];
  const package1 = await polled(first);
  walk.say('again on the connection', (await polled(first)) === package1);
  walk.say('again on another', (await polled(second)) === package1);
  await walk.tell(two, two.error(127));
  const eimPublicKey = hex(pki.certificate('S_EIMsign2_ECDSA_NIST').spki);
  await one.order({ operation: 'updateEim', eim: { eimId: 'testeim1', eimPublicKey, counterValue: 90 } });
  await one.run(int('8A', 0));
  await one.order(enable);
  await walk.poll(one);
  await two.order(enable);
  await walk.poll(two);
  await walk.poll(one);
}

const REFUSED: PackageOperation[][] = [
  [],
  [enable, { operation: 'listEim' }],
  [{ operation: 'disable', iccid: '9892' }],
  [enable, { ...enable, iccid: ICCID2 }],
  [enable, list],
  [{ operation: 'addEim', eim: { eimId: '1.2', eimIdType: 'oid' } }],
];

/** What the operator must not get through. */
export async function refusals(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const device = await walk.device(eim, 1);
  for (const operations of REFUSED) await walk.attempt('package', () => device.order(...operations));
  const others: OrderRequest[] = [
    { kind: 'ipaEuiccData', tagList: '5A' },
    { kind: 'profileDownload', activationCode: 'nonsense' },
  ];
  for (const request of others) await walk.attempt('order', () => device.request(request));
  const unknown = (): Promise<unknown> =>
    eim.operator.order('0'.repeat(32), { kind: 'package', operations: [enable] });
  await walk.attempt('unknown device', unknown);
  const full = await walk.device(eim, 2, { counterValue: 0x7fffff });
  await walk.attempt('exhausted', () => full.order(enable));
  const foreign = await walk.device(eim, 3, { associationToken: 7 });
  await eim.operator.removeDevice(foreign.eid);
  const stolen = { eid: foreign.eid, associationToken: 7, ...device.certificates };
  await walk.attempt('certificate of another', () => eim.operator.addDevice(stolen));
  const nameless = await walk.eim({ eimFqdn: '' });
  try {
    walk.say('without FQDN', nameless.operator.eimConfiguration());
  } catch (error) {
    walk.say('without FQDN', codeOf(error));
  }
}

const REQUESTS: OrderRequest[] = [
  {
    kind: 'ipaEuiccData',
    tagList: 'A0A2',
    euiccCiPKIdentifierToBeUsed: 'F541',
    searchCriteriaNotification: { profileManagementOperation: 'delete' },
    searchCriteriaEuiccPackageResult: { seqNumber: 5 },
  },
  { kind: 'ipaEuiccData' },
  { kind: 'profileDownload', activationCode: 'LPA:1$dp.example.com$X$2.999.1$1' },
  { kind: 'profileDownload', contactDefaultSmdp: true },
  { kind: 'profileDownload', smdsAddress: 'ds.example.com' },
  { kind: 'profileDownload' },
];

/** Data requests and triggers on the wire. */
export async function requests(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  for (const [index, request] of REQUESTS.entries()) {
    const device = await walk.device(eim, index + 1);
    await device.request(request);
    await walk.poll(device);
  }
}

/** Who gets what, in which order, and what is said when there is nothing. */
export async function delivery(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  const device = await walk.device(eim, 1);
  const other = await walk.device(eim, 2);
  await walk.poll(device);
  await device.request({ kind: 'ipaEuiccData', tagList: 'BF20' });
  await device.order(enable);
  await device.order({ operation: 'getRAT' });
  await other.order({ operation: 'disable', iccid: ICCID2 });
  await walk.poll(other);
  await walk.poll(device);
  await walk.poll(device);
  await walk.tell(device, device.result(int('83', 0)));
  await walk.poll(device);
  await walk.tell(device, device.result('A600'));
  await walk.poll(device);
  await walk.tell(device, t('BF52', t('A1', int('02', 127))));
  await walk.poll(device);
  const messages = [
    'BF4F00',
    'BF4F035A0189',
    t('BF4F', t('5A', '8'.repeat(32))),
    t('BF4F', t('5A', cardless)),
  ];
  for (const message of messages) walk.say('wrong EID', await device.send(message));
  await walk.tell(device, device.result(int('83', 0)), cardless);
  await walk.tell(device, t('A0', int('02', 1)), null);
}

const cardless = '89049032123451234512345678901235';

/** Reports of each cause. */
export async function reports(walk: Walk): Promise<void> {
  const eim = await walk.eim();
  for (const cause of [1, 2, 4, 6]) {
    const device = await walk.device(eim, cause);
    await device.order(enable);
    await device.run(int('83', 0));
    await walk.poll(device, `8000${int('81', cause)}820313F062`);
    await walk.state(device);
    await device.order({ operation: 'disable', iccid: ICCID1 }).catch(() => undefined);
    await walk.poll(device);
  }
}
