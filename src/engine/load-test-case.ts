/** One test case from its file. References are checked later, when everything is loaded. */
import { parseCondition, type OptionCatalogue } from './applicability.js';
import { loadSteps } from './load-definitions.js';
import { mergeConditions } from './merge-conditions.js';
import type { Cause, Provenance, SourcePlace } from './result.js';
import type { Change, Definition, Sequence, StepSpec, TestCase } from './suite.js';
import {
  asList,
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  texts,
  type YMap,
  type YNode,
} from './yaml/nodes.js';

export const CASE_KEYS = [
  'id',
  'title',
  'basis',
  'interface',
  'function',
  'purpose',
  'provenance',
  'applies',
  'versions',
  'initialConditions',
  'sequences',
];
export const SEQUENCE_KEYS = [
  'nr',
  'title',
  'purpose',
  'kind',
  'provenance',
  'applies',
  'versions',
  'initialConditions',
  'steps',
  'kills',
];
export const PROVENANCES: readonly Provenance[] = ['published', 'derived', 'interop'];
export const CAUSES: readonly Cause[] = [
  'wrong-value',
  'wrong-error-code',
  'signature',
  'missing',
  'unexpected',
  'malformed',
  'timeout',
];
export const VERSIONS = ['1.0.1', '1.2'];

export function loadTestCase(
  file: YNode,
  definitions: ReadonlyMap<string, Definition>,
  catalogue: OptionCatalogue,
): TestCase {
  const m = asMap(file, 'a test case');
  onlyKeys(m, CASE_KEYS, 'a test case');
  const id = asText(need(m, 'id', 'a test case'), 'id');
  const iut = /^TC_(eUICC|IPAd|eIM)_/i.exec(id)?.[1]?.toLowerCase();
  if (iut === undefined)
    throw new SuiteError('test-case-id', `'${id}' is no test case id`, m.place, {
      expected: 'TC_eUICC_..., TC_IPAd_... or TC_eIM_...',
    });
  const basis = asMap(need(m, 'basis', 'a test case'), 'basis');
  onlyKeys(basis, ['spec', 'section', 'version'], 'basis');
  const basisText = (key: string): string => asText(need(basis, key, 'basis'), key);
  const sequences: Sequence[] = [];
  const testCase: TestCase = {
    id,
    title: asText(need(m, 'title', 'a test case'), 'title'),
    purpose: purposeOf(find(m, 'purpose')),
    basis: { spec: basisText('spec'), section: basisText('section'), version: basisText('version') },
    iut: iut === 'euicc' ? 'eUICC' : iut === 'ipad' ? 'IPAd' : 'eIM',
    interface: asText(need(m, 'interface', 'a test case'), 'interface'),
    function: asText(need(m, 'function', 'a test case'), 'function'),
    sequences,
    place: m.place,
  };
  const shared = {
    provenance: provenance(need(m, 'provenance', 'a test case')),
    applies: need(m, 'applies', 'a test case'),
    versions: versions(find(m, 'versions'), ['1.2']),
    initialConditions: conditions(find(m, 'initialConditions')),
  };
  for (const item of asList(need(m, 'sequences', 'a test case'), 'sequences').items) {
    const s = asMap(item, 'a sequence');
    onlyKeys(s, SEQUENCE_KEYS, 'a sequence');
    const nr = asText(need(s, 'nr', 'a sequence'), 'nr');
    if (!/^\d\d+$/.test(nr))
      throw new SuiteError('yaml-shape', `'${nr}' is no sequence number`, s.place, {
        expected: "two digits, '01'",
      });
    if (sequences.some((other) => other.nr === nr))
      throw new SuiteError('duplicate-name', `sequence ${nr} exists twice`, s.place);
    const own = find(s, 'provenance');
    const ownApplies = find(s, 'applies');
    const steps = loadSteps(need(s, 'steps', 'a sequence'));
    const initialConditions = mergeConditions(
      shared.initialConditions,
      conditions(find(s, 'initialConditions')),
    );
    sequences.push({
      id: `${id}#${nr}`,
      nr,
      title: asText(need(s, 'title', 'a sequence'), 'title'),
      purpose: purposeOf(find(s, 'purpose')) ?? testCase.purpose,
      testCase,
      provenance: own === undefined ? shared.provenance : provenance(own),
      applies: [shared.applies, ...(ownApplies === undefined ? [] : [ownApplies])].map((a) =>
        parseCondition(asText(a, 'applies'), a.place, catalogue),
      ),
      versions: versions(find(s, 'versions'), shared.versions),
      initialConditions,
      steps,
      kills: kills(find(s, 'kills'), s.place),
      requirements: requirementsOf(steps, definitions),
      changes: iut === 'eim' ? ['devices'] : changesOf(steps, initialConditions, definitions),
      place: s.place,
    });
  }
  if (sequences.length === 0) throw new SuiteError('no-steps', 'there are no sequences', m.place);
  return testCase;
}

const purposeOf = (n: YNode | undefined): string | undefined =>
  n === undefined ? undefined : asText(n, 'purpose').replace(/\s+/g, ' ').trim();

function provenance(n: YNode): Provenance {
  const text = asText(n, 'provenance');
  const known = PROVENANCES.find((p) => p === text);
  if (known === undefined)
    throw new SuiteError('yaml-shape', `'${text}' is no provenance`, n.place, {
      expected: PROVENANCES.join(', '),
    });
  return known;
}

function versions(n: YNode | undefined, otherwise: readonly string[]): readonly string[] {
  if (n === undefined) return otherwise;
  const given = texts(n, 'versions');
  for (const v of given)
    if (!VERSIONS.includes(v))
      throw new SuiteError('yaml-shape', `'${v}' is no SGP.32 version`, n.place, {
        expected: VERSIONS.join(', '),
      });
  return given;
}

const conditions = (n: YNode | undefined): YMap[] =>
  n === undefined ? [] : asList(n, 'initialConditions').items.map((i) => asMap(i, 'an initial condition'));

/** A list of defects, or a map from defect to the cause with which it must FAIL. */
function kills(n: YNode | undefined, place: SourcePlace): Map<string, Cause | undefined> {
  if (n === undefined)
    throw new SuiteError('missing-key', "a sequence has no 'kills'", place, {
      repair: 'Name a seeded defect on which it fails: a test that can not fail is no test.',
    });
  if (n.kind === 'list') return new Map(texts(n, 'kills').map((k) => [k, undefined]));
  return new Map(
    asMap(n, 'kills').entries.map((e) => {
      const text = asText(e.value, e.key);
      const cause = CAUSES.find((c) => c === text);
      if (cause === undefined)
        throw new SuiteError('yaml-shape', `'${text}' is no cause`, e.value.place, {
          expected: CAUSES.join(', '),
        });
      return [e.key, cause];
    }),
  );
}

/** Requirements of the steps, those of the procedures they use included. */
function requirementsOf(steps: readonly StepSpec[], definitions: ReadonlyMap<string, Definition>): string[] {
  const found = new Set<string>();
  const walk = (all: readonly StepSpec[], depth: number): void => {
    for (const step of all) {
      for (const rq of step.rq) found.add(rq);
      if (step.kind === 'procedure' && depth < 8) walk(definitions.get(step.use)?.steps ?? [], depth + 1);
    }
  };
  walk(steps, 0);
  return [...found];
}

/** What the sequence may change on a card: its methods', procedures' and conditions' changes together. */
function changesOf(
  steps: readonly StepSpec[],
  initial: readonly YMap[],
  definitions: ReadonlyMap<string, Definition>,
): Change[] {
  const found = new Set<Change>();
  const visit = (name: string | undefined, depth: number): void => {
    const d = name === undefined ? undefined : definitions.get(name);
    if (d === undefined || depth > 8) return;
    for (const c of d.changes) found.add(c);
    visit(d.use, depth + 1);
    walk(d.steps, depth + 1);
  };
  const walk = (all: readonly StepSpec[], depth: number): void => {
    for (const step of all) {
      if (step.kind === 'procedure') visit(step.use, depth);
      if (step.kind === 'personalise') found.add('profiles');
      for (const message of messagesOf(step)) {
        const use = find(message, 'use');
        if (use?.kind === 'scalar') visit(use.text, depth);
        for (const e of message.entries) for (const c of CHANGES_OF_TYPE.get(e.key) ?? []) found.add(c);
      }
    }
  };
  walk(steps, 0);
  for (const condition of initial) {
    const kind = find(condition, 'eUICC');
    if (kind?.kind === 'scalar') for (const c of CHANGES_OF_CONDITION.get(kind.text) ?? []) found.add(c);
    const use = find(condition, 'use');
    if (use?.kind === 'scalar') visit(use.text, 0);
  }
  return [...found];
}

/** What a step sends, the package in an answer to an IPAd too. */
function messagesOf(step: StepSpec): YMap[] {
  if (step.kind === 'exchange') {
    const inject = find(step.request, 'inject');
    return inject?.kind === 'map' ? [step.request, inject] : [step.request];
  }
  if (step.kind !== 'serve' || step.reply === undefined) return [];
  const inner = find(step.reply, 'eimPackage');
  return inner?.kind === 'map' ? [step.reply, inner] : [step.reply];
}

const CHANGES_OF_TYPE: ReadonlyMap<string, readonly Change[]> = new Map<string, readonly Change[]>(
  Object.entries({
    AddInitialEimRequest: ['eim-configuration'],
    EuiccMemoryResetRequest: ['memory-reset'],
    SetDefaultDpAddressRequest: ['addresses'],
    EuiccPackageRequest: ['profiles', 'eim-configuration'],
    ProfileRollbackRequest: ['profiles'],
    EnableEmergencyProfileRequest: ['profiles'],
    DisableEmergencyProfileRequest: ['profiles'],
    ExecuteFallbackMechanismRequest: ['profiles'],
    ReturnFromFallbackRequest: ['profiles'],
  }),
);

const CHANGES_OF_CONDITION: ReadonlyMap<string, readonly Change[]> = new Map<string, readonly Change[]>(
  Object.entries({
    'no-associated-eim': ['eim-configuration'],
    'associated-eim': ['eim-configuration'],
    'profile-enabled': ['profiles', 'eim-configuration'],
    'profile-disabled': ['profiles', 'eim-configuration'],
    'profile-absent': ['profiles', 'eim-configuration'],
    'no-enabled-profile': ['profiles', 'eim-configuration'],
    personalised: ['profiles'],
  }),
);
