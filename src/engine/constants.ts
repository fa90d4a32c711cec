/** Constants with their tags carried out: ICCIDs to wire form, certificates and keys from the PKI folder. */
import { bytesToHex } from '../protocol/asn1/index.js';
import { spkiOf } from '../protocol/crypto/ecdsa.js';
import { Sgp33Error } from '../protocol/errors.js';
import type { PkiFolder } from '../protocol/pki/folder.js';
import type { Target } from './load-target.js';
import { pkiName } from './message.js';
import type { Suite } from './suite.js';
import { SuiteError, type YNode } from './yaml/nodes.js';

/** Those of a suite, over which those of a target stand. @throws {SuiteError} with the place of the constant. */
export function settledConstants({
  suite,
  target,
  pki,
}: {
  readonly suite: Pick<Suite, 'constants'>;
  readonly target: Pick<Target, 'settings' | 'constants'>;
  readonly pki: PkiFolder;
}): Map<string, YNode> {
  return new Map(
    [...suite.constants, ...target.settings, ...target.constants].map(([name, node]) => [
      name,
      settleConstant(node, pki),
    ]),
  );
}

/** Replaces every constant tag in a tree. @throws {SuiteError} with the place of the constant. */
export function settleConstant(node: YNode, pki: PkiFolder): YNode {
  if (node.kind === 'scalar') {
    const text = valueOf(node.tag, node.text, node, pki);
    return text === undefined ? node : { ...node, tag: undefined, literal: true, text };
  }
  if (node.kind === 'list') return { ...node, items: node.items.map((i) => settleConstant(i, pki)) };
  return { ...node, entries: node.entries.map((e) => ({ ...e, value: settleConstant(e.value, pki) })) };
}

function valueOf(tag: string | undefined, text: string, at: YNode, pki: PkiFolder): string | undefined {
  try {
    switch (tag) {
      case 'iccid':
        return iccidToWire(text, at);
      case 'eid':
        if (!/^\d{32}$/.test(text))
          throw new SuiteError('yaml-shape', `'${text}' is no EID`, at.place, { expected: '32 digits' });
        return text;
      case 'key':
        return text;
      case 'certificate':
        return bytesToHex(pki.certificate(pkiName(text)).der);
      case 'publicKey':
        return bytesToHex(
          pki.has(pkiName(text))
            ? pki.certificate(pkiName(text)).spki
            : spkiOf(pki.privateKey(pkiName(text))),
        );
      case 'skiOf':
        return pki.certificate(pkiName(text)).skiHex ?? '';
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof SuiteError || !(error instanceof Sgp33Error)) throw error;
    throw new SuiteError(error.code, error.message, at.place);
  }
}

/** EF_ICCID form: nibbles swapped, F at the end of an odd number of digits (ETSI TS 102 221 13.2). */
function iccidToWire(digits: string, at: YNode): string {
  if (!/^\d{18,20}$/.test(digits))
    throw new SuiteError('yaml-shape', `'${digits}' is no ICCID`, at.place, { expected: '18 to 20 digits' });
  return digits.padEnd(20, 'F').replace(/(.)(.)/g, '$2$1');
}
