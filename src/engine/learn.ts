/** What an exchange tells about the eIMs on the card: counters that were consumed, tokens that were given. */
import { bytesToHex, decode, type Decoded, type Integer } from '../protocol/asn1/index.js';
import { TlvHeader } from '../protocol/asn1/tlv.js';
import { es10FunctionByTag, typeByName, type Es10Function } from '../protocol/types/index.js';
import { pkiName } from './message.js';
import type { Knowledge } from './stage.js';

export interface Learned {
  readonly function: Es10Function | undefined;
  readonly request: Decoded<unknown> | undefined;
  readonly decoded: Decoded<unknown> | undefined;
  /** counterValue of a package that was sent. */
  readonly counter: string | undefined;
}

interface EimData {
  eimId?: string;
  counterValue?: Integer;
  associationToken?: Integer;
  euiccCiPKId?: Uint8Array;
  eimPublicKeyData?: { eimPublicKey?: Uint8Array; eimCertificate?: Uint8Array };
}

/** Decodes both sides of an ES10 exchange, and keeps the book. Reads only; wrong answers change nothing. */
export function learn(session: Knowledge, request: Uint8Array, answer: Uint8Array): Learned {
  const header = new TlvHeader();
  const known = header.read(request, 0, request.length)
    ? es10FunctionByTag(session.version, header.tag)
    : undefined;
  if (known === undefined)
    return { function: undefined, request: undefined, decoded: undefined, counter: undefined };
  const sent = decode(typeByName(session.version, known.request), request);
  const decoded =
    answer.length === 0 ? undefined : decode(typeByName(session.version, known.response), answer);
  let counter: string | undefined;
  if (known.name === 'LoadEuiccPackage') counter = learnPackage(session, sent.value, decoded?.value);
  if (known.name === 'AddInitialEim') learnInitialEims(session, sent.value, decoded?.value);
  if (
    known.name === 'eUICCMemoryReset' &&
    (decoded?.value as { resetEimResult?: number } | undefined)?.resetEimResult === 0
  )
    session.eims.dissociateAll();
  return { function: known, request: sent, decoded, counter };
}

function learnInitialEims(session: Knowledge, sent: unknown, answer: unknown): void {
  const list = (sent as { eimConfigurationDataList?: EimData[] } | undefined)?.eimConfigurationDataList ?? [];
  const ok = (answer as { addInitialEimOk?: { associationToken?: Integer }[] } | undefined)?.addInitialEimOk;
  if (ok === undefined) return;
  list.forEach((eim, i) => enter(session, eim, ok[i]?.associationToken));
}

function enter(session: Knowledge, eim: EimData, token: Integer | undefined): void {
  if (typeof eim.eimId !== 'string') return;
  const record = session.eims.record(eim.eimId);
  record.associated = true;
  record.counter = Number(eim.counterValue ?? 0);
  record.token = token;
  record.euiccCiPKId = eim.euiccCiPKId === undefined ? undefined : bytesToHex(eim.euiccCiPKId);
  record.key = keyFor(session, eim);
}

/** PKI name of the private key that belongs to a configured public key; undefined: the simulated eIM's own. */
function keyFor(session: Knowledge, eim: EimData): string | undefined {
  const spki = eim.eimPublicKeyData?.eimPublicKey;
  if (spki === undefined) return undefined;
  const wanted = bytesToHex(spki);
  for (const other of session.eims.eims.values()) {
    const name = pkiName(other.key);
    if (session.pki.has(name) && bytesToHex(session.pki.certificate(name).spki) === wanted) return other.key;
  }
  return undefined;
}

interface PackageValue {
  euiccPackageSigned?: {
    eimId?: string;
    counterValue?: Integer;
    euiccPackage?: { ecoList?: Record<string, EimData>[] };
  };
}
interface ResultValue {
  euiccPackageResultSigned?: { euiccPackageResultDataSigned?: { euiccResult?: Record<string, unknown>[] } };
}

function learnPackage(session: Knowledge, sent: unknown, answer: unknown): string | undefined {
  const signed = (sent as PackageValue | undefined)?.euiccPackageSigned;
  const results = (answer as ResultValue | undefined)?.euiccPackageResultSigned?.euiccPackageResultDataSigned
    ?.euiccResult;
  if (signed?.counterValue === undefined) return undefined;
  if (results !== undefined && signed.eimId !== undefined) {
    // Only an executed package consumes its counter (SGP.32 3.3.1).
    session.eims.record(signed.eimId).counter = Number(signed.counterValue);
    (signed.euiccPackage?.ecoList ?? []).forEach((eco, i) => learnEco(session, eco, results[i]));
  }
  return String(signed.counterValue);
}

function learnEco(
  session: Knowledge,
  eco: Record<string, EimData>,
  result: Record<string, unknown> | undefined,
): void {
  const added = result?.['addEimResult'] as
    { associationToken?: Integer; addEimResultCode?: Integer } | undefined;
  if (
    eco['addEim'] !== undefined &&
    added !== undefined &&
    (added.associationToken !== undefined || added.addEimResultCode === 0)
  )
    enter(session, eco['addEim'], added.associationToken);
  const deleted = eco['deleteEim']?.eimId;
  if (typeof deleted === 'string' && result?.['deleteEimResult'] === 0)
    session.eims.record(deleted).associated = false;
  const updated = eco['updateEim'];
  if (updated !== undefined && result?.['updateEimResult'] === 0 && typeof updated.eimId === 'string') {
    const record = session.eims.record(updated.eimId);
    if (updated.counterValue !== undefined) record.counter = Number(updated.counterValue);
    if (updated.euiccCiPKId !== undefined) record.euiccCiPKId = bytesToHex(updated.euiccCiPKId);
    if (updated.eimPublicKeyData !== undefined) record.key = keyFor(session, updated);
  }
}
