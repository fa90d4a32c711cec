/** `!signedBy`: raw r||s over sibling elements as they were received, and the association token's TLV (SGP.32 2.11.2.1). */
import type { KeyObject } from 'node:crypto';
import { concat, hexToBytes } from '../protocol/asn1/index.js';
import { checkEcdsa } from '../protocol/crypto/ecdsa.js';
import { parseCertificate, type Certificate } from '../protocol/pki/certificate.js';
import { Sgp33Error } from '../protocol/errors.js';
import type { EimBook } from './eim-book.js';
import { differs, type Actual, type Mismatch } from './match.js';
import { tokenTlv } from './message.js';
import { textOf, type Scope } from './scope.js';
import { asList, asText, find, need, onlyKeys, SuiteError, type YMap } from './yaml/nodes.js';

export interface SignatureKeys {
  readonly eims: EimBook;
  /** Certificate of the eUICC under a CI (hex; undefined: the first of its signing list). */
  euiccCertificate(ciPKId: string | undefined): Certificate | undefined;
  /** Key with which the eIM under test signs, where there is one. */
  readonly eimPublicKey?: KeyObject;
}

/** Undefined for bytes that are no certificate: a variable may hold what a card gave. */
function certificateOf(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof Sgp33Error) return undefined;
    throw error;
  }
}

export function matchSignature(m: YMap, scope: Scope, actual: Actual, keys: SignatureKeys): Mismatch[] {
  onlyKeys(m, ['by', 'eim', 'over'], '!signedBy');
  const by = textOf(need(m, 'by', '!signedBy'), scope, 'by');
  const eimNode = find(m, 'eim');
  const eim = eimNode === undefined ? undefined : keys.eims.record(textOf(eimNode, scope, 'eim'));
  let certificate: { publicKey: KeyObject; subject: { cn?: string | undefined } } | undefined;
  if (by === 'eIM')
    certificate =
      keys.eimPublicKey === undefined
        ? undefined
        : { publicKey: keys.eimPublicKey, subject: { cn: 'the eIM' } };
  else if (by === 'eUICC') certificate = keys.euiccCertificate(eim?.euiccCiPKId);
  else {
    const der = hexToBytes(by);
    if (der === undefined)
      throw new SuiteError('yaml-shape', 'by must be eUICC, eIM or a certificate', m.place);
    certificate = certificateOf(der);
    if (certificate === undefined)
      return [
        differs(
          'signature',
          actual,
          'a signature by the given certificate',
          'no X.509 certificate to verify it',
        ),
      ];
  }
  if (certificate === undefined)
    return [
      differs('signature', actual, `a signature by the ${by}`, `no key of the ${by} is known to verify it`),
    ];
  const parts: Uint8Array[] = [];
  for (const n of asList(need(m, 'over', '!signedBy'), 'over').items) {
    const name = asText(n, 'over');
    if (name === 'associationToken') {
      parts.push(tokenTlv(eim?.token ?? 0));
      continue;
    }
    const sibling = actual.node?.parent?.at(name);
    if (sibling === undefined) return [differs('missing', actual, `${name} beside the signature`, 'nothing')];
    parts.push(sibling.raw);
  }
  const check = checkEcdsa(certificate.publicKey, concat(parts), actual.value as Uint8Array);
  if (check.ok) return [];
  return [
    differs(
      'signature',
      actual,
      `raw r||s by ${certificate.subject.cn ?? 'the key'} over ${parts.length} TLVs`,
      `${check.reason} (${(actual.value as Uint8Array).length} bytes)`,
    ),
  ];
}
