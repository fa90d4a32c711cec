import { describe, expect, it } from 'vitest';
import { SuiteErrors } from '../../src/engine/suite-errors.js';
import {
  CASE,
  DEFINITIONS,
  errorOf,
  folderOf,
  GOOD_STEP,
  mistakes,
  sequence,
  suiteOf,
  testCase,
} from './support/suite-files.js';

/** `code line:column` of each mistake of a sequence with these steps. */
function inSteps(steps: string, definitions = '', more = ''): string[] {
  const files = {
    [CASE]: testCase(sequence(steps, more)),
    ...(definitions === '' ? {} : { [DEFINITIONS]: definitions }),
  };
  return mistakes(files).codes.map((c) => c.replace(`${CASE}:`, '').replace(`${DEFINITIONS}:`, 'p:'));
}
const step = (request: string, answer: string, rq = '[RQ-ONE]'): string =>
  `- S_IPA -> eUICC: ${request}\n  eUICC -> S_IPA: ${answer}\n  rq: ${rq}`;
const info = (answer: string): string => step('{ GetEuiccInfo1Request: {} }', answer);
const profiles = (expected: string): string =>
  step('{ ProfileInfoListRequest: {} }', `{ ProfileInfoListResponse: ${expected} }`);

it('a suite without a mistake loads', () => {
  expect(inSteps(GOOD_STEP)).toEqual([]);
});

/** Loads steps in which `@` marks the place of the one mistake; gives its code. */
function codeAtMark(steps: string, definitions = ''): string {
  const marked = testCase(sequence(steps));
  const before = marked.slice(0, marked.indexOf('@')).split('\n');
  expect(marked.split('@')).toHaveLength(2);
  const [found, ...more] = inSteps(steps.replace('@', ''), definitions);
  expect(more).toEqual([]);
  const [code, place] = (found ?? 'none').split(' ');
  expect(`${code} ${place}`).toBe(`${code} ${before.length}:${(before.at(-1) ?? '').length + 1}`);
  return code ?? '';
}

describe('references', () => {
  it.each([
    [
      'constant',
      step('{ GetCertsRequest: { euiccCiPKId: @$ICCID2 } }', '{ GetCertsResponse: { certs: !any } }'),
      'unknown-constant',
    ],
    ['constant in a matcher', info('{ EUICCInfo1: { svn: !oneOf [@$NOPE] } }'), 'unknown-constant'],
    [
      'parameter',
      step('{ GetCertsRequest: { euiccCiPKId: @<nope> } }', '{ sw: "9000" }'),
      'unknown-parameter',
    ],
    ['ASN.1 type of a request', step('{ @GetCertRequest: {} }', '{ sw: "9000" }'), 'unknown-type'],
    ['ASN.1 type of an answer', info('{ @EUICCInfo7: { svn: "020500" } }'), 'unknown-type'],
    [
      'field of a request',
      step('{ GetCertsRequest: { @euiccCiPKid: "00" } }', '{ sw: "9000" }'),
      'unknown-field',
    ],
    ['field of an answer', info('{ EUICCInfo1: { @svm: "020500" } }'), 'unknown-field'],
    [
      'field below a matcher',
      profiles('{ profileInfoListOk: !contains [{ @iccd: "00" }] }'),
      'unknown-field',
    ],
    ['value', profiles('{ profileInfoListOk: !each { profileState: @on } }'), 'unknown-value'],
    ['hex value', info('{ EUICCInfo1: { svn: @02050 } }'), 'unknown-value'],
    [
      'requirement',
      info('{ sw: "9000" }').replace('RQ-ONE', 'RQ-ON').replace('S_IPA', '@S_IPA'),
      'unknown-requirement',
    ],
    [
      'interpretation',
      info('{ oneOf: [{ sw: "9000" }, { sw: "6A88", interpretation: @INT-ON }] }'),
      'unknown-interpretation',
    ],
    ['procedure', '- @use: PROC_NONE\n  rq: [RQ-ONE]', 'unknown-definition'],
    ['method', step('{ use: @MTD_NONE }', '{ sw: "9000" }'), 'unknown-definition'],
    ['variable', step('{ es10: @<NEVER> }', '{ sw: "9000" }'), 'unbound-variable'],
    [
      'option of a step',
      `${info('{ sw: "9000" }').replace('S_IPA', '@S_IPA')}\n  applies: O_THREE`,
      'unknown-option',
    ],
    ['key beside an answer', info('{ EUICCInfo1: { svn: !bytes 3 }, sw: "9000", @wrong: x }'), 'unknown-key'],
    [
      'key beside a request',
      step('{ GetEuiccInfo1Request: {}, @block: "3" }', '{ sw: "9000" }'),
      'unknown-key',
    ],
    ['status word', info('{ sw: @"9OOO" }'), 'status-word'],
    ['status word in lower case', info('{ sw: !oneOf [@"6a82"] }'), 'status-word'],
    [
      'deviation',
      step('{ GetEuiccInfo1Request: {}, deviate: [@{ flipBits: x }] }', '{ sw: "6A80" }'),
      'unknown-deviation',
    ],
    [
      'deviation that every object has',
      step('{ GetEuiccInfo1Request: {}, deviate: [@{ constructor: x }] }', '{ sw: "6A80" }'),
      'unknown-deviation',
    ],
    [
      'matcher in a request',
      step('{ GetCertsRequest: { euiccCiPKId: !bytes @3 } }', '{ sw: "9000" }'),
      'matcher-in-request',
    ],
    ['value in an answer', info('{ EUICCInfo1: { svn: !next @x } }'), 'matcher'],
    ['length', info('{ EUICCInfo1: { svn: !bytes @three } }'), 'matcher'],
    ['matcher for another type', info('{ EUICCInfo1: { svn: !gt @3 } }'), 'matcher'],
    ['list matcher without a list', info('{ EUICCInfo1: { svn: !each @3 } }'), 'matcher'],
    ['regular expression', info('{ EUICCInfo1: { svn: !regex @"(" } }'), 'regex'],
    [
      'sibling of a signature',
      step(
        '{ GetEuiccInfo1Request: {} }',
        '{ EuiccPackageResult: { euiccPackageResultSigned: { euiccSignEPR: !signedBy { by: eUICC, over: [@nope] } } } }',
      ),
      'unknown-field',
    ],
    ['structure', info("{ raw: !tlv @'BF20{' }"), 'tlv-pattern'],
  ])('unknown or wrong %s', (_, steps, code) => {
    expect(codeAtMark(steps)).toBe(code);
  });

  it('says what was meant', () => {
    const { text } = mistakes({ [CASE]: testCase(sequence(info('{ EUICCInfo1: { svm: "020500" } }'))) });
    expect(text).toContain('Did you mean svn?');
  });

  it('reports each sequence and each file, not only the first', () => {
    const second = sequence(info('{ EUICCInfo9: { svn: x } }')).replace("'01'", "'02'");
    const files = { [CASE]: testCase(`${sequence(info('{ EUICCInfo8: { svn: x } }'))}\n${second}`) };
    expect(mistakes(files).codes.map((c) => c.split(' ')[0])).toEqual(['unknown-type', 'unknown-type']);
    expect(mistakes({ [CASE]: 'id: x', 'fixtures/constants/d.yaml': '[1]' }).codes).toHaveLength(2);
  });

  it('are loaded only once each', () => {
    expect(mistakes({ 'fixtures/constants/d.yaml': 'ADDRESS: x' }).codes).toEqual([
      'duplicate-name fixtures/constants/d.yaml:1:1',
    ]);
    expect(
      mistakes({ 'suites/requirements/s.yaml': '- { id: RQ-ONE, clause: c, text: t }' }).codes[0],
    ).toMatch(/^duplicate-name .*s\.yaml:1:3/);
    expect(
      mistakes({
        [CASE]: testCase(sequence(GOOD_STEP)),
        'suites/sgp33-1-euicc/d.yaml': testCase(sequence(GOOD_STEP)),
      }).codes[0],
    ).toMatch(/^duplicate-name/);
  });
});

describe('a requirement needs an expectation that can fail', () => {
  const PROC = `PROC_X:\n  params: { x: !absent }\n  steps:\n    - S_IPA -> eUICC: { GetEuiccInfo1Request: {} }\n      eUICC -> S_IPA: { EUICCInfo1: !any }\n`;
  it.each([
    ['any value', info('{ EUICCInfo1: !any }')],
    ['no field', info('{ EUICCInfo1: {} }')],
    ['a bind only', info('{ EUICCInfo1: !bind X }')],
    ['any status word', info('{ sw: !any }')],
    ['any bytes', info('{ data: !any }')],
    ['one alternative that takes all', info('{ oneOf: [{ sw: "9000" }, { EUICCInfo1: !any }] }')],
    ['no answer', '- S_IPA -> eUICC: { GetEuiccInfo1Request: {} }\n  rq: [RQ-ONE]'],
    ['a procedure that expects nothing', '- use: PROC_X\n  rq: [RQ-ONE]'],
    ['a procedure with expect: any', '- use: PROC_X\n  expect: !any\n  rq: [RQ-ONE]'],
    [
      'a comparison with anything',
      `${GOOD_STEP.replace('!bytes 3', '!bind V')}\n- compare: <V>\n  with: !any\n  rq: [RQ-ONE]`,
    ],
  ])('%s', (_, steps) => {
    expect(inSteps(steps, PROC)[0]).toMatch(/^expects-nothing (p:)?\d+:\d+$/);
  });

  it('also where a procedure ends with something else than an answer', () => {
    const compare = `${PROC}    - compare: $ADDRESS\n      with: !not x\n`;
    expect(inSteps('- use: PROC_X\n  expect: { svn: !bytes 3 }\n  rq: [RQ-ONE]', compare)[0]).toMatch(
      /^expects-nothing/,
    );
    const optional = PROC.replace('EUICCInfo1: !any }', 'EUICCInfo1: !any }\n      applies: O_ONE');
    expect(inSteps('- use: PROC_X\n  expect: { svn: !bytes 3 }\n  rq: [RQ-ONE]', optional)[0]).toMatch(
      /^expects-nothing/,
    );
    expect(inSteps('- use: PROC_X\n  expect: { svn: !bytes 3 }\n  rq: [RQ-ONE]', PROC)).toEqual([]);
  });

  it('a sequence needs a requirement and a defect', () => {
    expect(inSteps(GOOD_STEP.replace('rq: [RQ-ONE]', 'rq: []'))[0]).toMatch(/^no-requirement/);
    expect(
      mistakes({ [CASE]: testCase(sequence(GOOD_STEP).replace('  kills: [some-defect]\n', '')) }).codes[0],
    ).toMatch(/^missing-key/);
    expect(
      mistakes({ [CASE]: testCase(sequence(GOOD_STEP).replace('[some-defect]', '[]')) }).codes[0],
    ).toMatch(/^missing-key/);
  });
});

describe('variables', () => {
  const bind = info('{ EUICCInfo1: { svn: !bind { SVN: !bytes 3 } } }');
  it.each([
    ['an earlier step', `${bind}\n- compare: <SVN>\n  with: !not '00'`],
    [
      'save',
      `- S_IPA -> eUICC: { save: SENT, GetEuiccInfo1Request: {} }\n${step('{ es10: <SENT> }', '{ sw: "9000" }')}`,
    ],
    [
      'a group of a regular expression',
      `${info('{ EUICCInfo1: { svn: !regex "^(?<MAJOR>..)" } }')}\n- compare: <MAJOR>\n  with: '02'`,
    ],
    [
      'the answer itself',
      info('{ EUICCInfo1: { svn: !bind X, euiccCiPKIdListForSigning: !contains [<X>] } }'),
    ],
  ])('are bound by %s', (_, steps) => {
    expect(inSteps(steps)).toEqual([]);
  });

  it('are not bound by a later step, nor by a name that is nearly the same', () => {
    expect(codeAtMark(`- compare: @<SVN>\n  with: '00'\n${bind}`)).toBe('unbound-variable');
    const { text } = mistakes({ [CASE]: testCase(sequence(`${bind}\n- compare: <SVM>\n  with: '00'`)) });
    expect(text).toContain('Did you mean SVN?');
  });
});

describe('definitions', () => {
  const MTD =
    'MTD_X:\n  type: GetCertsRequest\n  params: { id: !required }\n  value: { euiccCiPKId: <id> }\n';
  it.each([
    [
      'unknown parameter',
      step('{ use: MTD_X, with: { id: "00", idd: "00" } }', '{ sw: "9000" }'),
      MTD,
      /^unknown-parameter 13:57$/,
    ],
    ['missing parameter', step('{ use: MTD_X }', '{ sw: "9000" }'), MTD, /^missing-parameter/],
    ['unknown type', GOOD_STEP, 'MTD_X:\n  type: GetCertRequest\n  value: {}\n', 'unknown-type p:1:1'],
    ['unknown base', GOOD_STEP, 'MTD_X:\n  use: MTD_Y\n', 'unknown-definition p:1:1'],
    [
      'base that is itself',
      step('{ use: MTD_X }', '{ sw: "9000" }'),
      'MTD_X:\n  use: MTD_X\n',
      /^circular-reference/,
    ],
    [
      'procedure that uses itself',
      '- use: PROC_X\n  rq: [RQ-ONE]',
      'PROC_X:\n  steps: [{ use: PROC_X }]\n',
      /^circular-reference/,
    ],
    ['neither type nor use', GOOD_STEP, 'MTD_X:\n  value: {}\n', 'definition-shape p:1:1'],
    ['name', GOOD_STEP, 'XYZ:\n  steps: []\n', 'definition-name p:1:1'],
    ['key', GOOD_STEP, 'MTD_X:\n  typ: X\n', 'unknown-key p:2:3'],
    ['no steps', GOOD_STEP, 'PROC_X:\n  steps: []\n', 'no-steps p:2:10'],
    [
      'option in a procedure',
      GOOD_STEP,
      'PROC_X:\n  steps:\n    - S_IPA -> eUICC: { reset: cold }\n      applies: O_NONE\n',
      'unknown-option p:3:7',
    ],
    [
      'focus',
      '- use: PROC_X\n  expect: x\n  rq: [RQ-ONE]',
      'PROC_X:\n  focus: nope\n  steps:\n    - S_IPA -> eUICC: { GetEuiccInfo1Request: {} }\n      eUICC -> S_IPA: { EUICCInfo1: { svn: !bytes 3 } }\n',
      'focus p:1:1',
    ],
  ])('with a mistake: %s', (_, steps, definitions, expected) => {
    expect(inSteps(steps, definitions)[0]).toMatch(
      expected instanceof RegExp ? expected : new RegExp(`^${expected}$`),
    );
  });
});

describe('initial conditions and shapes', () => {
  const with1 = (condition: string): string[] =>
    inSteps(GOOD_STEP, '', `initialConditions:\n  - ${condition}\n`);
  it.each([
    ['{ eUICC: associated-em }', /^unknown-condition/],
    ['{ eUICC: constructor }', /^unknown-condition/],
    ['{ eUICC: profile-enabled }', /^missing-key/],
    ['{ eUICC: profile-enabled, iccid: $NONE }', /^unknown-constant/],
    ['{ eUICC: no-notifications, iccid: x }', /^unknown-key/],
    ['{ use: PROC_NONE }', /^unknown-definition/],
  ])('%s', (condition, expected) => {
    expect(with1(condition)[0]).toMatch(expected);
  });

  it.each([
    ['unknown key of a sequence', sequence(GOOD_STEP, 'stepz: []\n'), 'unknown-key'],
    [
      'two requests in a step',
      sequence('- S_IPA -> eUICC: { reset: cold }\n  S_SM-DP+ -> eUICC: { reset: cold }'),
      'step-shape',
    ],
    [
      'answer of another role',
      sequence('- S_IPA -> eUICC: { reset: cold }\n  eUICC -> S_EIM: { sw: "9000" }'),
      'step-shape',
    ],
    ['no direction', sequence('- name: x'), 'step-shape'],
    ['number of a sequence', sequence(GOOD_STEP).replace("'01'", "'1'"), 'yaml-shape'],
    ['version', sequence(GOOD_STEP, "versions: ['9']\n"), 'yaml-shape'],
    ['cause of a kill', sequence(GOOD_STEP).replace('[some-defect]', '{ some-defect: wrong }'), 'yaml-shape'],
    ['condition', sequence(GOOD_STEP, 'applies: O_ONE O_TWO\n'), 'condition-syntax'],
  ])('%s', (_, text, code) => {
    const [first] = mistakes({ [CASE]: testCase(text) }).codes;
    expect(first).toMatch(new RegExp(`^${code} ${CASE}:\\d+:\\d+$`));
  });

  it('an unreadable file is an error of that file', () => {
    const error = errorOf(() => suiteOf({ [CASE]: 'a: [' }));
    expect(error).toBeInstanceOf(SuiteErrors);
    expect(folderOf({})).toMatch(/sgp33-suite-/);
  });
});
