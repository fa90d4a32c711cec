/**
 * The dialogue of one sequence on the built-in eIM without the engine: the same device, messages, signatures and
 * connections by the shortest code, against which the engine's own share is measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { KeyObject } from 'node:crypto';
import { Agent, request } from 'undici';
import type { NotificationListener } from '../../drivers/eim-contract.js';
import { listenEs9 } from '../../drivers/es9-listener/index.js';
import {
  bytesToHex,
  concat,
  decode,
  encode,
  fromText,
  hexToBytes,
  topLevel,
  toText,
} from '../../src/protocol/asn1/index.js';
import { publicKeyFromSpki, verifyEcdsa } from '../../src/protocol/crypto/ecdsa.js';
import { issueEuiccIdentity } from '../../src/protocol/pki/issue-euicc.js';
import { loadPkiFolder, type PkiFolder } from '../../src/protocol/pki/folder.js';
import { typeByName } from '../../src/protocol/types/index.js';
import { createEuicc, newEid } from '../../src/simulators/euicc/index.js';
import { serveEim, type ServedEim } from '../../src/simulators/eim/serve/index.js';
import { certificatePem } from '../../src/protocol/pki/pem.js';
import { linkCard } from '../../src/simulators/ipa/index.js';
import {
  getEimPackage,
  provideEimPackageResult,
  resultAndNotifications,
} from '../../src/simulators/ipa/messages.js';

export const ICCID = '989209012143658709F5';
/** As an IPA sends them. */
export const HEADERS = {
  'content-type': 'application/x-gsma-rsp-asn1',
  'x-admin-protocol': 'gsma/rsp/v2.1.0',
  'user-agent': 'gsma-rsp-ipad',
};

const SM_DP = 'testsmdpplus1.example.com';
const TOKEN = 1;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const GET_EID = hex('BF3E035C015A');
const PROFILES = hex('BF2D00');
const NOTIFICATIONS = hex('BF2B06A004810204F0');
const NO_PACKAGE = 'BF4F03020101';

interface Setting {
  readonly pki: PkiFolder;
  readonly store: string;
  readonly listener: NotificationListener;
  readonly served: ServedEim;
  readonly tls: SecureContext;
  readonly addInitialEim: Uint8Array;
  readonly eimKey: KeyObject;
}

export class BareEimDialogue {
  private constructor(private readonly setting: Setting) {}

  /** An eIM and an SM-DP+ as the driver of the target `builtin-eim` starts them, with a store on the disk. */
  static async open(): Promise<BareEimDialogue> {
    const pki = loadPkiFolder();
    const { certificate, privateKey } = pki.identity('S_SM_DP_TLS');
    const listener = await listenEs9({
      host: '127.0.0.1',
      port: 0,
      tls: {
        certificate: certificatePem(certificate.der),
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      },
    });
    const store = mkdtempSync(join(tmpdir(), 'sgp33-bench-eim-'));
    const served = await serveEim({
      https: { port: 0 },
      resolve: { [SM_DP]: listener.address },
      store,
      durable: false,
      retryMs: 50,
    });
    const ca = ['CI_ECDSA_NIST', 'CI_ECDSA_BRP'].map((name) => certificatePem(pki.certificate(name).der));
    const { der } = served.eim.operator.eimConfiguration();
    return new BareEimDialogue({
      pki,
      store,
      listener,
      served,
      tls: createSecureContext({ ca }),
      ...associationOf(hexToBytes(der) ?? new Uint8Array(0)),
    });
  }

  /** @throws {Error} where the dialogue does not go as it should. */
  async once(): Promise<void> {
    const { pki, served, tls, addInitialEim, listener } = this.setting;
    const { operator } = served.eim;
    const eid = newEid();
    const identity = issueEuiccIdentity(pki, eid, ['NIST']);
    const card = createEuicc({ identity });
    const { es10, reset } = linkCard(card);
    await es10(GET_EID);
    await es10(PROFILES);
    card.applyPersonalisation('set-profile-state', { iccid: ICCID, state: 'disabled' });
    await es10(addInitialEim);
    const [chain] = identity.entries;
    await operator.addDevice({
      eid,
      associationToken: TOKEN,
      counterValue: operator.eimConfiguration().counterValue,
      eumCertificate: bytesToHex(chain?.eumCertificate ?? new Uint8Array(0)),
      euiccCertificate: bytesToHex(chain?.euiccCertificate ?? new Uint8Array(0)),
    });
    await operator.order(eid, { kind: 'package', operations: [{ operation: 'enable', iccid: ICCID }] });
    const agent = new Agent({ connect: { secureContext: tls, servername: 'localhost' } });
    const post = async (message: Uint8Array): Promise<Uint8Array> => {
      const { body, statusCode } = await request(`${served.https ?? ''}/gsma/rsp2/asn1`, {
        method: 'POST',
        headers: HEADERS,
        body: message,
        dispatcher: agent,
      });
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      return new Uint8Array(await body.arrayBuffer());
    };
    const result = await es10(this.#verified(await post(getEimPackage('1.2', eid, {}))));
    await reset();
    const list = onlyElement(onlyElement(await es10(NOTIFICATIONS)).content);
    const arm = resultAndNotifications(
      '1.2',
      result,
      topLevel(list.content).map(({ raw }) => raw),
    );
    await post(provideEimPackageResult('1.2', eid, arm));
    if ((await listener.next((data) => Buffer.from(data).includes(eid), 5000)) === undefined)
      throw new Error('no Notification');
    if (bytesToHex(await post(getEimPackage('1.2', eid, {}))) !== NO_PACKAGE) throw new Error('a package');
    await operator.removeDevice(eid);
    await agent.close();
    card.powerOff();
  }

  /** EuiccPackageRequest of an answer whose eimSignature holds (SGP.32 2.11.1.1). */
  #verified(answer: Uint8Array): Uint8Array {
    const element = onlyElement(onlyElement(answer).content);
    const [signed, signature] = topLevel(element.content);
    if (signed === undefined || signature === undefined) throw new Error('no package');
    const data = concat([signed.raw, hex(`8401${TOKEN.toString(16).padStart(2, '0')}`)]);
    if (!verifyEcdsa(this.setting.eimKey, data, signature.content)) throw new Error('eimSignature');
    return element.raw;
  }

  async close(): Promise<void> {
    await this.setting.served.close();
    await this.setting.listener.close();
    rmSync(this.setting.store, { recursive: true, force: true });
  }
}

function onlyElement(bytes: Uint8Array): { readonly raw: Uint8Array; readonly content: Uint8Array } {
  const [element] = topLevel(bytes);
  if (element === undefined) throw new Error('no element');
  return element;
}

/** What every card of the run is told of the eIM, and the key that its packages are signed with. */
function associationOf(der: Uint8Array): { addInitialEim: Uint8Array; eimKey: KeyObject } {
  const type = typeByName('1.2', 'EimConfigurationData');
  const { value } = decode(type, der);
  const fields = toText(type, value) as Record<string, never>;
  const request = typeByName('1.2', 'AddInitialEimRequest');
  const data = { ...fields, associationToken: '-1' };
  const { eimPublicKeyData } = value as { eimPublicKeyData?: { eimPublicKey?: Uint8Array } };
  return {
    addInitialEim: encode(request, fromText(request, { eimConfigurationDataList: [data] })),
    eimKey: publicKeyFromSpki(eimPublicKeyData?.eimPublicKey ?? new Uint8Array(0)),
  };
}
