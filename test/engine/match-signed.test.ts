import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  concat,
  octets,
  req,
  sequence,
  encode,
  fromText,
  tlv,
} from '../../src/protocol/asn1/index.js';
import { EimBook } from '../../src/engine/eim-book.js';
import { matchBytes, type Matched } from './support/match-value.js';
import { testPki } from './support/built-in.js';

const Data = sequence('Data', 0x30, { x: req(0x80, octets()) });
const Signed = sequence('Signed', 0xbf7f, { data: req(Data), signature: req(0x5f37, octets()) });
const pki = testPki();
const certificate = pki.certificate('EUICC_ECDSA_NIST');
const key = pki.privateKey('EUICC_ECDSA_NIST');
/** `84 len value`, the association token 5 as it enters a signature (SGP.32 2.11.2.1). */
const TOKEN_5 = Uint8Array.of(0x84, 0x01, 0x05);
const TOKEN_0 = Uint8Array.of(0x84, 0x01, 0x00);
const data = encode(Data, fromText(Data, { x: '0102' }));

const signed = (over: Uint8Array, encoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Uint8Array =>
  tlv(
    0xbf7f,
    concat([data, tlv(0x5f37, new Uint8Array(sign('sha256', over, { key, dsaEncoding: encoding })))]),
  );

function check(
  bytes: Uint8Array,
  expected = 'by: eUICC, eim: eim1, over: [data, associationToken]',
): Matched {
  const eims = new EimBook(new Map());
  eims.record('eim1').token = 5;
  return matchBytes(Signed, bytes, `{ signature: !signedBy { ${expected} } }`, { eims, certificate });
}

describe('!signedBy', () => {
  it('takes raw r||s over the received TLV and the token', () => {
    expect(
      createPublicKey(createPrivateKey(key.export({ format: 'pem', type: 'pkcs8' }))).equals(
        certificate.publicKey,
      ),
    ).toBe(true);
    expect(check(signed(concat([data, TOKEN_5]))).mismatches).toEqual([]);
    expect(
      check(signed(concat([data, TOKEN_0])), 'by: eUICC, eim: other, over: [data, associationToken]')
        .mismatches,
    ).toEqual([]);
    expect(check(signed(data), 'by: eUICC, over: [data]').mismatches).toEqual([]);
    expect(check(signed(data), `by: ${bytesToHex(certificate.der)}, over: [data]`).mismatches).toEqual([]);
  });

  const altered = signed(concat([data, TOKEN_5]));
  altered[8] = (altered[8] ?? 0) ^ 1;
  it.each([
    ['another token', signed(concat([data, TOKEN_0])), 'does-not-verify'],
    ['no token', signed(data), 'does-not-verify'],
    ['the content without its header', signed(concat([data.subarray(2), TOKEN_5])), 'does-not-verify'],
    ['DER', signed(concat([data, TOKEN_5]), 'der'), 'der-encoded'],
    ['an altered byte', altered, 'does-not-verify'],
    ['63 bytes', tlv(0xbf7f, concat([data, tlv(0x5f37, new Uint8Array(63))])), 'wrong-length'],
  ])('does not take %s', (_, bytes, reason) => {
    const [m, ...more] = check(bytes).mismatches;
    expect(more).toEqual([]);
    expect(m).toMatchObject({ cause: 'signature', path: 'signed.signature', tag: '5F37' });
    expect(m?.actual).toContain(reason);
    expect(m?.offset).toBe(3 + data.length);
  });

  it('says what is missing', () => {
    const only = tlv(0xbf7f, tlv(0x5f37, new Uint8Array(64)));
    expect(check(only).mismatches[0]).toMatchObject({
      cause: 'missing',
      expected: 'data beside the signature',
    });
    expect(check(tlv(0xbf7f, data)).mismatches[0]).toMatchObject({
      cause: 'missing',
      path: 'signed.signature',
    });
    const without = matchBytes(Signed, signed(data), '{ signature: !signedBy { by: eUICC, over: [data] } }');
    expect(without.mismatches[0]).toMatchObject({ cause: 'signature' });
  });

  it('lets no certificate of a card make the tool fail', () => {
    const { mismatches } = matchBytes(
      Signed,
      signed(data),
      '{ signature: !signedBy { by: <CERT>, over: [data] } }',
      { variables: { CERT: '3003020101' } },
    );
    expect(mismatches[0]).toMatchObject({ cause: 'signature', path: 'signed.signature' });
  });
});

describe('!certificate', () => {
  const eum = bytesToHex(pki.certificate('EUM_ECDSA_NIST').der);
  const foreign = bytesToHex(pki.certificate('EUM_ECDSA_BRP').der);
  const wrap = (der: Uint8Array): Uint8Array => tlv(0xbf7f, concat([data, tlv(0x5f37, der)]));
  const of = (expected: string, der = certificate.der, variables: Record<string, string> = {}): string[] =>
    matchBytes(Signed, wrap(der), `{ signature: !certificate { ${expected} } }`, {
      variables: { EUM: eum, BRP: foreign, NONE: '3000', ...variables },
    }).mismatches.map((m) => `${m.cause} ${m.path}`);

  it('takes a certificate with the properties that are named', () => {
    expect(
      of(`curve: P-256, role: eUICC, eid: '${certificate.eid ?? ''}', signedBy: <EUM>, sameCurveAs: <EUM>`),
    ).toEqual([]);
    expect(of('role: EUM', pki.certificate('EUM_ECDSA_NIST').der)).toEqual([]);
    expect(of(`ci: ${certificate.akiHex ?? ''}`)).toEqual([]);
  });

  it.each([
    ['curve: brainpoolP256r1', 'wrong-value signed.signature curve'],
    ["eid: '89000000000000000000000000000000'", 'wrong-value signed.signature eid'],
    ['role: EUM', 'wrong-value signed.signature role'],
    ['signedBy: <BRP>', 'signature signed.signature signedBy'],
    ['sameCurveAs: <BRP>', 'wrong-value signed.signature sameCurveAs'],
    ["ci: '00'", 'wrong-value signed.signature ci'],
    ['subjectO: Nobody', 'wrong-value signed.signature subjectO'],
    ['signedBy: <NONE>', 'malformed signed.signature signedBy'],
    ['sameCurveAs: <NONE>', 'malformed signed.signature sameCurveAs'],
  ])('does not take it for %s', (expected, found) => {
    expect(of(expected)).toEqual([found]);
  });

  it('does not take bytes that are none', () => {
    expect(of('curve: P-256', Uint8Array.of(0x30, 0))).toEqual(['malformed signed.signature']);
    expect(of('curve: P-256', certificate.der.subarray(0, 100))).toEqual(['malformed signed.signature']);
  });
});
