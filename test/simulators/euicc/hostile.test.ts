import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, encode } from '../../../src/protocol/asn1/index.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { disable, enable, TestEim } from './eim.js';
import { bytes, EID, ICCID1, started, Terminal } from './terminal.js';

/** More runs: SGP33_FUZZ=100. */
const FACTOR = Number(process.env['SGP33_FUZZ'] ?? '1');
const config = (numRuns: number): { numRuns: number; seed: number } => ({
  numRuns: numRuns * FACTOR,
  seed: 20260101,
});

function alive(terminal: Terminal): void {
  terminal.start();
  expect(terminal.ask('BF3E035C015A')).toBe(`BF3E125A10${EID}`);
}

const apdu = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom(0x00, 0x01, 0x80, 0x81, 0x82, 0x40, 0xc0, 0x0c, 0xff),
      fc.constantFrom(0xa4, 0x70, 0xb0, 0xb2, 0xc0, 0xe2, 0xf2, 0xaa, 0x10, 0x12, 0x14, 0xca),
      fc.constantFrom(0x00, 0x01, 0x04, 0x08, 0x11, 0x80, 0x91),
      fc.constantFrom(0x00, 0x01, 0x02, 0x04, 0x0c, 0xff),
      fc.uint8Array({ maxLength: 255 }),
      fc.boolean(),
    )
    .map(([cla, ins, p1, p2, data, le]) =>
      Uint8Array.of(
        cla,
        ins,
        p1,
        p2,
        ...(data.length === 0 ? [] : [data.length, ...data]),
        ...(le ? [0] : []),
      ),
    ),
);

describe.each(['T=0', 'T=1'] as const)('a hostile terminal under %s', (protocol) => {
  it('gets a status word for every APDU', () => {
    const terminal = new Terminal(createEuicc({ protocol }), protocol);
    terminal.start();
    fc.assert(
      fc.property(fc.array(apdu, { maxLength: 12 }), (commands) => {
        for (const command of commands) {
          const answer = terminal.card.transmit(command);
          expect(answer.length).toBeGreaterThanOrEqual(2);
          expect(answer.length).toBeLessThanOrEqual(258);
          expect([
            0x61, 0x62, 0x63, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x90, 0x91,
          ]).toContain(answer.at(-2));
        }
      }),
      config(150),
    );
    alive(terminal);
  });
});

describe('mutated requests', () => {
  const eim = new TestEim();
  const requests: Uint8Array[] = [
    encode(AddInitialEimRequest, { eimConfigurationDataList: [eim.configuration({ associationToken: -1 })] }),
    eim.psmos([enable(ICCID1), disable(ICCID1), { listProfileInfo: {} }], { transactionId: '0102' }),
    eim.ecos([{ listEim: {} }, { deleteEim: { eimId: 'x' } }]),
    ...[
      'BF2D11A00C5A0A989209012143658709F55C015A',
      'BF2B05A003800101',
      'BF640482020780',
      'BF58038001FF',
      'BF650480026162',
      'BF590E8000810328880382057465737431',
      'BF5505A003800178',
      'BF280481020640',
      'BF4204800207 80',
    ].map(bytes),
  ];
  const mutated = fc
    .tuple(
      fc.constantFrom(...requests),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255), fc.constantFrom('set', 'cut', 'insert')), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([request, changes]) => {
      let out = request;
      for (const [place, value, how] of changes) {
        const at = place % Math.max(1, out.length);
        const rest = out.subarray(how === 'insert' ? at : at + 1);
        out = concat([
          out.subarray(0, at),
          how === 'cut' ? rest.subarray(0, 0) : concat([Uint8Array.of(value), rest]),
        ]);
      }
      return out.length === 0 ? Uint8Array.of(0) : out;
    });

  it('never stop the card', () => {
    const terminal = started();
    fc.assert(
      fc.property(mutated, (request) => {
        const { sw } = terminal.es10(request);
        expect(sw).toMatch(/^(9000|91..|67..|69..|6A..|6D00)$/);
      }),
      config(600),
    );
    alive(terminal);
  });

  it('inside the signature: operations of any bytes end in a result', () => {
    const terminal = started();
    eim.associate(terminal);
    eim.token = 0;
    let counter = 10;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(0xa0, 0xa1), (body, tag) => {
        const list = concat([Uint8Array.of(tag, body.length), body]);
        const response = terminal.ask(eim.psmos([], { list, counter: ++counter }));
        expect(response).toMatch(/^BF51(..|81..)A0/);
      }),
      config(150),
    );
    alive(terminal);
  });

  it('a list of thousands of operations is answered', () => {
    const terminal = started();
    terminal.card.applyPersonalisation('set-limits', { maxPackageSize: 65280 });
    eim.associate(terminal);
    const body = new Uint8Array(60000).fill(0xa6);
    for (let i = 1; i < body.length; i += 2) body[i] = 0;
    const list = concat([Uint8Array.of(0xa0, 0x82, body.length >> 8, body.length & 0xff), body]);
    expect(terminal.ask(eim.psmos([], { list, counter: 5 }))).toMatch(/020101/);
  });
});
