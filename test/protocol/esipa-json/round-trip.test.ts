/** Any message of ESipa survives the way through JSON, byte for byte; any foreign JSON is survived. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, type Asn1Type } from '../../../src/protocol/asn1/index.js';
import { Sgp33Error } from '../../../src/protocol/errors.js';
import {
  ESIPA_FUNCTIONS,
  answerFromJson,
  answerToJson,
  functionOf,
  requestFromJson,
  requestToJson,
} from '../../../src/protocol/esipa-json/index.js';
import { SGP32_VERSIONS, typesFor } from '../../../src/protocol/types/versions.js';
import { valueOf } from '../asn1/arbitrary.js';

const RUNS = Number(process.env['SGP33_FUZZ_RUNS'] ?? 400);
const SEED = Number(process.env['SGP33_FUZZ_SEED'] ?? 33);
const TIMEOUT = 20_000 + RUNS * 20;

/** Arms of one direction that JSON carries; TransferEimPackage belongs to the injection mode. */
function armsOf(type: Asn1Type | undefined): fc.Arbitrary<Uint8Array> {
  const arms = (type?.fields ?? []).filter(({ tag }) => tag !== 0xbf4e);
  return fc
    .constantFrom(...arms)
    .chain((arm) => valueOf(arm.type).map((value) => encode(arm.type, plain(value))));
}

/** Without the extensions of the outermost two levels, which have no JSON name. */
function plain(value: unknown, depth = 2): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null || value.constructor !== Object)
    return value;
  const members = Object.entries(value).filter(([name]) => name !== '$unknown');
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, depth - 1)]));
}

/** What JSON has no words for is refused, in one way. */
function carried<T>(translate: () => T): T | undefined {
  try {
    return translate();
  } catch (error) {
    expect(error).toBeInstanceOf(Sgp33Error);
    expect((error as Sgp33Error).code).toBe('not-in-json');
    return undefined;
  }
}

describe.each(SGP32_VERSIONS)('SGP.32 v%s', (version) => {
  const types = typesFor(version);

  it('a request', { timeout: TIMEOUT }, () => {
    let count = 0;
    fc.assert(
      fc.property(armsOf(types['EsipaMessageFromIpaToEim']), (message) => {
        const json = carried(() => requestToJson(version, message));
        if (json === undefined) return;
        count++;
        expect(json.functionName).toBe(functionOf(message));
        const back = requestFromJson(version, json.functionName, JSON.parse(JSON.stringify(json.body)));
        expect(Buffer.compare(back.data, message)).toBe(0);
        expect(back.findings.filter(({ code }) => code !== 'json-member-form')).toEqual([]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(RUNS * 0.9);
  });

  it('an answer', { timeout: TIMEOUT }, () => {
    let count = 0;
    const form = fc.constantFrom('header' as const, 'body' as const);
    fc.assert(
      fc.property(armsOf(types['EsipaMessageFromEimToIpa']), form, (message, errorForm) => {
        const json = carried(() => answerToJson(version, message, { errorForm }));
        if (json === undefined) return;
        count++;
        const body: unknown = JSON.parse(JSON.stringify(json.body));
        const back = answerFromJson(version, json.functionName, 200, body);
        expect(Buffer.compare(back.data, message)).toBe(0);
        expect(back.findings.filter(({ severity }) => severity === 'violation')).toEqual([]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(RUNS * 0.9);
  });

  it('random bytes are carried as they are, or refused', () => {
    const start = fc.constantFrom(0x39, 0x3a, 0x3b, 0x3d, 0x41, 0x4e, 0x4f, 0x50);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 100 }), (second, content) => {
        const message = Uint8Array.of(0xbf, second, content.length, ...content);
        const json = carried(() => requestToJson(version, message));
        if (json !== undefined)
          expect(Buffer.compare(requestFromJson(version, json.functionName, json.body).data, message)).toBe(
            0,
          );
        carried(() => answerToJson(version, message));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('foreign JSON', { timeout: TIMEOUT }, () => {
    const names = fc.constantFrom(
      ...['header', 'transactionId', 'eimPackageError', 'euiccPackageRequest', 'eimAcknowledgements'],
      ...['serverSigned1', 'serverSignature1', 'ctxParams1', 'matchingId', 'smdpSigned2', '__proto__', 'x'],
    );
    const leaf = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.base64String(),
      fc.constantFrom('v1E=', 'vzkA', '0A', 'aa', 'AA', -1, 1e300, true),
    );
    const status = fc.oneof(fc.constantFrom('Executed-Success', 'Failed', 'failed'), leaf);
    const code = fc.oneof(fc.constantFrom('8.1.1', '3.7'), leaf);
    const header = fc.record(
      {
        functionExecutionStatus: fc.oneof(
          leaf,
          fc.record(
            {
              status,
              statusCodeData: fc.oneof(
                leaf,
                fc.record({ subjectCode: code, reasonCode: code }, { requiredKeys: [] }),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(fc.option(header), fc.dictionary(names, leaf))
        .map(([h, rest]) => ({ ...rest, ...(h && { header: h }) })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...ESIPA_FUNCTIONS, 'other'),
        fc.constantFrom(200, 400),
        body,
        (name, http, json) => {
          const answer = answerFromJson(version, name, http, json);
          expect(answer.data).toBeInstanceOf(Uint8Array);
          for (const finding of answer.findings) {
            expect(finding.path).toMatch(/^json/);
            expect(finding.expected.length + finding.actual.length).toBeLessThan(1000);
          }
          requestFromJson(version, name, json);
        },
      ),
      { seed: SEED, numRuns: RUNS * 2 },
    );
  });
});
