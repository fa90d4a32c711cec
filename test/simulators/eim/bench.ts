/** An eIM and hand-made devices: results are signed here with node:crypto, messages read with the project's codec. */
import { sign } from 'node:crypto';
import { expect } from 'vitest';
import { tlv, topLevel } from '../../../src/protocol/asn1/index.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { issueEuiccIdentity, type EuiccIdentity } from '../../../src/protocol/pki/issue-euicc.js';
import type { EuiccPackageRequest } from '../../../src/protocol/types/esep.js';
import { GetEimPackageResponse as Response101 } from '../../../src/protocol/types/v1-0-1-esipa.js';
import { GetEimPackageResponse as Response12 } from '../../../src/protocol/types/esipa.js';
import { createEim, type Eim, type EimOptions, type OrderView } from '../../../src/simulators/eim/index.js';
import type { NewDevice, OrderRequest, PackageOperation } from '../../../src/simulators/eim/types.js';
import { newEid } from '../../../src/simulators/euicc/identity.js';
import { bytes, clean, hex } from '../euicc/terminal.js';

export { bytes, hex };
export const pki = loadPkiFolder();

/** TLVs as text: tag, then what is in it. */
export const t = (tag: string, ...parts: string[]): string =>
  hex(tlv(Number.parseInt(tag, 16), bytes(parts.join(''))));

export const int = (tag: string, value: number): string => {
  const digits = value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return t(tag, Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even);
};
export const text = (tag: string, value: string): string =>
  t(tag, Buffer.from(value).toString('hex').toUpperCase());

export const ICCID1 = '989209012143658709F5';
export const ICCID2 = '989209013254769810F9';
/** Every field of EimConfigurationData that an operator can give. */
export const EIM_CONFIGURATION = {
  eimId: '1.2.3',
  eimIdType: 'oid',
  eimFqdn: 'other.example.com',
  counterValue: 5,
  associationToken: -1,
  eimPublicKey: hex(pki.certificate('S_EIMsign2_ECDSA_NIST').spki),
  trustedCertificateTls: hex(pki.certificate('S_EIMsign2_ECDSA_NIST').der),
  eimSupportedProtocol: ['eimRetrieveHttps', 'eimInjectCoaps'],
  euiccCiPKId: 'F54172BD',
  indirectProfileDownload: true,
} as const;

export const EMPTY = 'BF50023000';
export const NO_PACKAGE = 'BF4F03020101';

const OPEN: Eim[] = [];

export async function eimWith(options: EimOptions = {}): Promise<Eim> {
  const eim = await createEim(options);
  OPEN.push(eim);
  return eim;
}

/** For afterEach. */
export async function closeAll(): Promise<void> {
  await Promise.all(OPEN.splice(0).map((eim) => eim.close()));
}

export interface Signing {
  readonly counter?: number;
  readonly transaction?: string | null;
  readonly eimId?: string;
  readonly seq?: number;
  readonly token?: number | null;
  readonly key?: EuiccIdentity;
  /** Other input of the signature, behind the data. */
  readonly behind?: string;
  readonly der?: boolean;
  /** Changes the data before it is signed, or what is sent of it afterwards. */
  readonly data?: (data: string) => string;
  readonly sent?: (data: string) => string;
}

/** One device, its part played by the test. */
export class Device {
  readonly identity: EuiccIdentity;
  token = 7;
  seq = 0;
  /** Of the last package that was polled. */
  counter = 0;
  transaction: string | undefined;
  package = '';
  eimSignature = '';

  private constructor(
    readonly eim: Eim,
    readonly eid: string,
    identity?: EuiccIdentity,
  ) {
    this.identity = identity ?? issueEuiccIdentity(pki, eid, ['NIST']);
  }

  /** Made known to the eIM with its certificates. */
  static async of(eim: Eim, more: Partial<NewDevice> & { identity?: EuiccIdentity } = {}): Promise<Device> {
    const { identity, ...rest } = more;
    const device = new Device(eim, rest.eid ?? newEid(), identity);
    const known = 'eumCertificate' in rest || 'euiccCertificate' in rest ? {} : device.certificates;
    await eim.operator.addDevice({ eid: device.eid, associationToken: 7, ...known, ...rest });
    return device;
  }

  get certificates(): { eumCertificate: string; euiccCertificate: string } {
    const [entry] = this.identity.entries;
    return {
      eumCertificate: hex(entry?.eumCertificate ?? new Uint8Array()),
      euiccCertificate: hex(entry?.euiccCertificate ?? new Uint8Array()),
    };
  }

  order(...operations: PackageOperation[]): Promise<OrderView> {
    return this.request({ kind: 'package', operations });
  }

  request(request: OrderRequest): Promise<OrderView> {
    return this.eim.operator.order(this.eid, request);
  }

  async send(message: string): Promise<string> {
    const answer = await this.eim.handleEsipa(bytes(message));
    return answer === undefined ? '' : hex(answer);
  }

  /** The answer to GetEimPackage, decoded without any finding. */
  async poll(extra = ''): Promise<string> {
    const answer = await this.send(t('BF4F', t('5A', this.eid), extra));
    const decoded: Record<string, unknown> =
      this.eim.sgp32Version === '1.2' ? clean(Response12, bytes(answer)) : clean(Response101, bytes(answer));
    expect(Object.keys(decoded)).toHaveLength(1);
    this.takePackage(answer);
    return answer;
  }

  /** Remembers counter, transaction id and signature of a delivered package. */
  takePackage(answer: string): void {
    const [inner] = topLevel(topLevel(bytes(answer))[0]!.content);
    if (inner?.tag !== 0xbf51) return;
    const [signed, signature] = topLevel(inner.content);
    const fields = topLevel(signed!.content);
    this.counter = Number.parseInt(hex(fields.find((f) => f.tag === 0x81)!.content), 16);
    const transaction = fields.find((f) => f.tag === 0x82);
    this.transaction = transaction === undefined ? undefined : hex(transaction.content);
    this.eimSignature = hex(signature!.raw);
    this.package = hex(inner.raw);
  }

  /** A polled euiccPackageRequest as the codec reads it. */
  async polledPackage(): Promise<EuiccPackageRequest> {
    return euiccPackage(await this.poll());
  }

  /** `BF51` with euiccPackageResultSigned. */
  result(elements: string, options: Signing = {}): string {
    const seq = options.seq ?? ++this.seq;
    return t('BF51', t('A0', this.signed([int('83', seq), t('30', elements)], options)));
  }

  /** `BF51` with euiccPackageErrorSigned. */
  error(code: number, options: Signing = {}): string {
    return t('BF51', t('A1', this.signed([int('02', code)], options)));
  }

  unsigned(more = ''): string {
    const transaction = this.transaction === undefined ? '' : t('82', this.transaction);
    return t('BF51', t('A2', text('80', this.eim.eimId), transaction, more));
  }

  private signed(last: string[], o: Signing): string {
    const transaction = o.transaction === undefined ? this.transaction : (o.transaction ?? undefined);
    const head = [
      text('80', o.eimId ?? this.eim.eimId),
      int('81', o.counter ?? this.counter),
      transaction === undefined ? '' : t('82', transaction),
    ];
    const plain = t('30', ...head, ...last);
    const data = o.data?.(plain) ?? plain;
    const token = o.token === undefined ? this.token : o.token;
    const behind = o.behind ?? (token === null ? '' : int('84', token));
    const key = (o.key ?? this.identity).entries[0]!.privateKey;
    const encoding = o.der === true ? 'der' : 'ieee-p1363';
    const signature = sign('sha256', bytes(data + behind), { key, dsaEncoding: encoding });
    return (o.sent?.(data) ?? data) + t('5F37', signature.toString('hex').toUpperCase());
  }

  /** ProvideEimPackageResult with an arm; answered. */
  provide(arm: string, eid: string | null = this.eid): Promise<string> {
    const named = eid === null || this.eim.sgp32Version === '1.0.1' ? '' : t('5A', eid);
    return this.send(t('BF50', named, arm));
  }

  /** Polls a package and answers it. */
  async run(elements: string, options: Signing = {}): Promise<string> {
    await this.poll();
    return this.provide(this.result(elements, options));
  }

  view(): ReturnType<Eim['operator']['device']> {
    return this.eim.operator.device(this.eid);
  }

  /** An otherSignedNotification of this device. */
  notification(seq: number, address = 'smdp.example.com', iccid = ICCID1): string {
    const tbs = t('BF2F', int('80', seq), t('81', '0640'), text('0C', address), t('5A', iccid));
    const { euiccCertificate, eumCertificate } = this.certificates;
    return t('30', tbs, t('5F37', '5A'.repeat(64)), euiccCertificate, eumCertificate);
  }

  /** A ProfileInstallationResult, installed or failed for that reason. */
  installation(seq: number, errorReason?: number): string {
    const metadata = t(
      'BF2F',
      int('80', seq),
      t('81', '0780'),
      text('0C', 'smdp.example.com'),
      t('5A', ICCID1),
    );
    const final =
      errorReason === undefined
        ? t('A0', t('4F', 'A0000005591010FFFFFFFF8900001000'), t('04', '3007A0053003800100'))
        : t('A1', int('80', 2), int('81', errorReason));
    const data = t('BF27', t('80', '0102'), metadata, t('06', '883702'), t('A2', final));
    return t('BF37', data, t('5F37', '5A'.repeat(64)));
  }
}

export const euiccPackage = (answer: string): EuiccPackageRequest =>
  clean(Response12, bytes(answer)).euiccPackageRequest ?? expect.fail(`no package: ${answer}`);

/** Acknowledgement of those numbers. */
export const acks = (...numbers: number[]): string =>
  t('BF50', t('BF53', ...numbers.map((number) => int('80', number))));
