import { describe, expect, test } from 'vitest';
import { failureText, progressLine, wantsColour } from '../../reports/console.js';
import { HOSTILE, problem, sequence, sequences, step } from './hand-made-store.js';

const plain = { colour: false, run: 'runs/2026-11-22T19-02-11' };
const colour = { colour: true };

describe('the terminal', () => {
  test('a failure message', () => {
    const failed = problem({ requirements: [] });
    const result = sequence({
      verdict: 'FAIL',
      problems: [failed],
      steps: [step({ number: 2, problems: [failed] })],
    });
    expect(failureText(result, plain)).toMatchInlineSnapshot(`
      "FAIL wrong-error-code  TC_eUICC_ES10b.LoadEuiccPackage#01 step 2  SGP.32/5.9.1  suites/sgp33-1-euicc/load-euicc-package.yaml:21
        euiccPackageErrorUnsigned.associationToken  [4] INTEGER  @0x2
          the eUICC reported another error
          expected  > 4   (bound to <TOKEN> in step 1)
          actual    4
          bytes     03 84 01 04 90 00
        trace  runs/2026-11-22T19-02-11/sequences/TC_eUICC_ES10b.LoadEuiccPackage~2301/timeline.jsonl:2"
    `);
  });

  test('a problem without an ASN.1 path shows its message', () => {
    const bare = {
      cause: 'timeout',
      message: 'no answer within 10 s',
      requirements: [],
      clauses: [],
    } as const;
    const result = sequence({
      verdict: 'INCONCLUSIVE',
      problems: [{ ...bare, place: problem().place }],
      steps: [],
    });
    expect(failureText(result, plain)).toMatchInlineSnapshot(`
      "INCONCLUSIVE timeout  TC_eUICC_ES10b.LoadEuiccPackage#01  suites/sgp33-1-euicc/load-euicc-package.yaml:21
        no answer within 10 s
        trace  runs/2026-11-22T19-02-11/sequences/TC_eUICC_ES10b.LoadEuiccPackage~2301/timeline.jsonl"
    `);
  });

  test('progress lines of every verdict', () => {
    const shown = sequences.filter((s) => s.title !== HOSTILE);
    expect(shown.map((s) => progressLine(s, plain)).join('\n')).toMatchInlineSnapshot(`
      "PASS            TC_eUICC_ES10b.LoadEuiccPackage#01  Enable a profile  42 ms
      FAIL            TC_eUICC_ES10b.LoadEuiccPackage_Error'Cases+#02  Invalid eimSignature  42 ms
      INCONCLUSIVE    TC_eUICC_Pulled#04  Enable a profile  42 ms
      NOT_APPLICABLE  TC_eUICC_NoFallback#05  Enable a profile  C_FALLBACK is false: O_E_FALLBACK is not declared as supported
      ERROR           TC_eUICC_Broken#06  Enable a profile  42 ms
      NOT_RUN         TC_eUICC_Refused#07  Enable a profile  needs allow: memory-reset"
    `);
  });

  test('only verdicts that need a reader have a failure text', () => {
    expect(sequences.filter((s) => failureText(s, plain) !== '').map((s) => s.verdict)).toEqual([
      'FAIL',
      'FAIL',
      'INCONCLUSIVE',
      'ERROR',
    ]);
    expect(failureText(sequence({ verdict: 'ERROR', reason: 'why' }), plain)).toContain('why');
  });

  test('no byte of a card reaches the terminal as a control character', () => {
    const hostile = sequences.find((s) => s.title === HOSTILE);
    if (hostile === undefined) throw new Error('the hostile sequence is missing');
    const text = `${failureText(hostile, plain)}${progressLine(hostile, plain)}`;
    expect(text).not.toMatch(new RegExp('[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u202e]'));
    expect(text).toContain('\\x1b[31m');
  });

  test('colour by option, and by the environment', () => {
    const result = sequence({ verdict: 'FAIL', problems: [problem()] });
    expect(progressLine(result, colour)).toContain('\u001b[31m');
    expect(failureText(result, colour)).toContain('\u001b[31m');
    const terminal = { isTTY: true };
    expect(wantsColour(terminal, {})).toBe(true);
    expect(wantsColour(terminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(wantsColour(terminal, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour({}, {})).toBe(false);
    expect(wantsColour({}, { FORCE_COLOR: '1' })).toBe(true);
    expect(wantsColour(terminal, { FORCE_COLOR: '0' })).toBe(false);
  });
});
