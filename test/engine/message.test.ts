import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  concat,
  decode,
  toText,
  type Asn1Node,
  type TextValue,
} from '../../src/protocol/asn1/index.js';
import { typeByName } from '../../src/protocol/types/index.js';
import { EimBook } from '../../src/engine/eim-book.js';
import { buildMessage, unfold } from '../../src/engine/message.js';
import { rootScope } from '../../src/engine/scope.js';
import { asMap } from '../../src/engine/yaml/nodes.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';
import { testPki } from './support/built-in.js';
import { CASE, DEFINITIONS, errorOf, GOOD_STEP, sequence, suiteOf, testCase } from './support/suite-files.js';

const METHODS = `
MTD_PACKAGE:
  type: EuiccPackageRequest
  params: { eimId: $EIM_ID1, counterValue: !next <eimId>, transaction: !absent , package: !required , eid: '89049032123451234512345678901235' }
  value:
    euiccPackageSigned: { eimId: <eimId>, eidValue: <eid>, counterValue: <counterValue>, eimTransactionId: <transaction>, euiccPackage: <package> }
    eimSignature: !sign { key: !keyOf <eimId>, over: [euiccPackageSigned, associationToken], token: !tokenOf <eimId> }
MTD_ENABLE:
  use: MTD_PACKAGE
  params: { iccid: !required , flag: !absent }
  with: { package: { psmoList: [{ enable: { iccid: <iccid>, rollbackFlag: <flag> } }] } }
MTD_ENABLE_COUNTED:
  use: MTD_ENABLE
  params: { counterValue: '77' }
MTD_ENABLE_DAMAGED:
  use: MTD_ENABLE
  deviate: [{ flipBit: eimSignature }]
MTD_UNSIGNED_TOKEN:
  type: EuiccPackageRequest
  params: { token: none, form: raw }
  value:
    euiccPackageSigned: { eimId: a, eidValue: '00', counterValue: '1', euiccPackage: { psmoList: [] } }
    eimSignature: !sign { key: SK_S_EIMsign_ECDSA_NIST, over: [euiccPackageSigned, associationToken], token: <token>, form: <form> }
MTD_MANY:
  type: AddInitialEimRequest
  params: { times: '3' }
  value: { eimConfigurationDataList: !repeat { times: <times>, item: { eimId: !concat [eim, !number ], counterValue: !counter { eim: testeim1, plus: '-1' } } } }
`;

const suite = (): ReturnType<typeof suiteOf> =>
  suiteOf({ [CASE]: testCase(sequence(GOOD_STEP)), [DEFINITIONS]: METHODS });

function build(
  method: string,
  given: string,
  deviate = '',
  book: (eims: EimBook) => unknown = () => undefined,
): { bytes: Uint8Array; node: Asn1Node | undefined; value: TextValue } {
  const s = suite();
  const eims = new EimBook(s.eims);
  book(eims);
  const scope = rootScope(s.constants, new Map());
  const unfolded = unfold(
    { suite: s, version: '1.2' },
    'method',
    method,
    asMap(parseYaml(given, 'w.yaml'), 'with'),
    scope,
    {
      file: 'w.yaml',
      line: 1,
      column: 1,
    },
  );
  const own = deviate === '' ? [] : [{ node: parseYaml(deviate, 'd.yaml'), scope }];
  const { bytes } = buildMessage(
    { suite: s, version: '1.2', pki: testPki(), eims },
    unfolded.type,
    unfolded.value,
    [...unfolded.deviate, ...own],
  );
  const type = typeByName('1.2', unfolded.type);
  const decoded = decode(type, bytes);
  return { bytes, node: decoded.node, value: decoded.value === undefined ? '' : toText(type, decoded.value) };
}

function verifies(
  node: Asn1Node | undefined,
  token: Uint8Array,
  dsaEncoding: 'der' | 'ieee-p1363' = 'ieee-p1363',
): boolean {
  const key = createPublicKey({
    key: Buffer.from(testPki().certificate('S_EIMsign_ECDSA_NIST').spki),
    format: 'der',
    type: 'spki',
  });
  const over = concat([node?.at('euiccPackageSigned')?.raw ?? new Uint8Array(0), token]);
  return verify('sha256', over, { key, dsaEncoding }, node?.at('eimSignature')?.content ?? new Uint8Array(0));
}
const token = (n: number): Uint8Array => Uint8Array.of(0x84, 1, n);

describe('a message', () => {
  it('has its parameters, defaults that refer to others, and nothing that is absent', () => {
    const { value } = build(
      'MTD_ENABLE',
      '{ iccid: "98" }',
      '',
      (eims) => (eims.record('testeim1').counter = 41),
    );
    expect(value).toMatchObject({
      euiccPackageSigned: {
        eimId: 'testeim1',
        counterValue: '42',
        euiccPackage: { psmoList: [{ enable: { iccid: '98' } }] },
      },
    });
    expect(JSON.stringify(value)).not.toMatch(/rollbackFlag|eimTransactionId/);
    const other = build(
      'MTD_ENABLE',
      '{ iccid: "98", eimId: testeim1, transaction: "0102", flag: "" }',
    ).value;
    expect(JSON.stringify(other)).toMatch(/"eimTransactionId":"0102".*"rollbackFlag":"NULL"/);
  });

  it('takes a default of a definition for a parameter of what it uses', () => {
    expect(JSON.stringify(build('MTD_ENABLE_COUNTED', '{ iccid: "98" }').value)).toContain(
      '"counterValue":"77"',
    );
    expect(JSON.stringify(build('MTD_ENABLE_COUNTED', '{ iccid: "98", counterValue: "9" }').value)).toContain(
      '"counterValue":"9"',
    );
  });

  it('repeats, numbers, joins and counts', () => {
    const { value } = build('MTD_MANY', '{}', '', (eims) => (eims.record('testeim1').counter = 8));
    expect(value).toEqual({
      eimConfigurationDataList: [0, 1, 2].map((n) => ({ eimId: `eim${n}`, counterValue: '7' })),
    });
    expect(build('MTD_MANY', '{ times: "0" }').value).toEqual({ eimConfigurationDataList: [] });
    expect(errorOf(() => build('MTD_MANY', '{ times: "10001" }')).code).toBe('yaml-shape');
  });

  it('is signed with the key and the token of its eIM', () => {
    const good = build('MTD_ENABLE', '{ iccid: "98" }', '', (eims) => (eims.record('testeim1').token = 9));
    expect(verifies(good.node, token(9))).toBe(true);
    expect(verifies(good.node, token(0))).toBe(false);
    expect(verifies(build('MTD_ENABLE', '{ iccid: "98" }').node, token(0))).toBe(true);
    expect(verifies(build('MTD_UNSIGNED_TOKEN', '{}').node, new Uint8Array(0))).toBe(true);
  });

  it('is signed in the form of certificates where that is asked for, every time', () => {
    // Often enough that an r or s with a leading zero byte, or with its first bit set, is among them.
    for (let n = 0; n < 64; n++) {
      const { node } = build('MTD_UNSIGNED_TOKEN', '{ form: der }');
      expect(verifies(node, new Uint8Array(0), 'der')).toBe(true);
      expect(verifies(node, new Uint8Array(0))).toBe(false);
    }
    expect(errorOf(() => build('MTD_UNSIGNED_TOKEN', '{ form: pem }')).code).toBe('yaml-shape');
  });

  it.each([
    ['{ icid: "98" }', 'unknown-parameter'],
    ['{}', 'missing-parameter'],
    ['{ iccid: "98", eimId: nobody }', 'unknown-eim'],
    ['{ iccid: xyz }', 'value-text'],
    ['{ iccid: $NONE }', 'unknown-constant'],
    ['{ iccid: !any }', 'matcher-in-request'],
    ['{ iccid: <NEVER> }', 'unbound-variable'],
    ['{ iccid: "98", package: x }', 'unknown-parameter'],
  ])('refuses %s', (given, code) => {
    expect(errorOf(() => build('MTD_ENABLE', given)).code).toBe(code);
  });
});

describe('deviations', () => {
  const plain = (): ReturnType<typeof build> => build('MTD_ENABLE', '{ iccid: "989449" }');
  const part = (node: Asn1Node | undefined, path: string): string =>
    bytesToHex(node?.at(path)?.raw ?? new Uint8Array(0));
  const iccid = 'euiccPackageSigned.euiccPackage.psmoList.0.enable.iccid';
  const deviated = (deviation: string): ReturnType<typeof build> =>
    build('MTD_ENABLE', '{ iccid: "989449" }', `[${deviation}]`);
  const hexOf = (deviation: string): string => bytesToHex(deviated(deviation).bytes);

  it.each([
    [`{ flipBit: ${iccid} }`, '5A03989448'],
    [`{ flipBit: ${iccid}, bit: '0' }`, '5A03189449'],
    [`{ replaceTag: ${iccid}, tag: 5B }`, '5B03989449'],
    [`{ replaceContent: ${iccid}, bytes: '01' }`, '5A0101'],
    [`{ duplicate: ${iccid} }`, '5A039894495A03989449'],
    [`{ append: ${iccid}, bytes: 'FF' }`, '5A04989449FF'],
    [`{ insertAfter: ${iccid}, bytes: '8900' }`, '5A039894498900'],
    [`{ wrongLength: ${iccid}, by: '5' }`, '5A08989449'],
    [`{ nonMinimalLength: ${iccid} }`, '5A8103989449'],
    [`{ truncate: ${iccid}, by: '1' }`, '5A029894'],
  ])('%s', (deviation, hex) => {
    expect(bytesToHex(plain().bytes)).toContain('5A03989449');
    const found = hexOf(deviation);
    expect(found).toContain(hex);
    expect(found).not.toBe(bytesToHex(plain().bytes));
  });

  it('drop and swap', () => {
    expect(part(deviated('{ drop: eimSignature }').node, 'eimSignature')).toBe('');
    const swapped = hexOf('{ swap: euiccPackageSigned.eimId, other: euiccPackageSigned.eidValue }');
    const [eimId, eid] = ['eimId', 'eidValue'].map((f) => part(plain().node, `euiccPackageSigned.${f}`)) as [
      string,
      string,
    ];
    expect(bytesToHex(plain().bytes)).toContain(eimId + eid);
    expect(swapped).toContain(eid + eimId);
  });

  it('come after signing, or are part of what is signed', () => {
    const flip = `flipBit: ${iccid}`;
    expect(verifies(deviated(`{ ${flip} }`).node, token(0))).toBe(false);
    const before = deviated(`{ ${flip}, before: signing }`);
    expect(bytesToHex(before.bytes)).toContain('5A03989448');
    expect(verifies(before.node, token(0))).toBe(true);
    expect(verifies(build('MTD_ENABLE_DAMAGED', '{ iccid: "98" }').node, token(0))).toBe(false);
  });

  it.each([
    ['{ flipBits: x }', 'unknown-deviation'],
    ['{ toString: x }', 'unknown-deviation'],
    ['{ flipBit: x, before: sending }', 'unknown-deviation'],
    ['{ flipBit: eimSignature, bytes: "00" }', 'unknown-key'],
    ['{ append: eimSignature }', 'missing-key'],
    ['{ append: eimSignature, bytes: xy }', 'yaml-shape'],
    ['{ truncate: eimSignature, by: x }', 'yaml-shape'],
  ])('%s is a mistake', (deviation, code) => {
    expect(errorOf(() => deviated(deviation)).code).toBe(code);
  });

  it('refuses a path that is not there', () => {
    expect(() => deviated('{ drop: euiccPackageSigned.nothing }')).toThrow(/nothing/);
  });
});
