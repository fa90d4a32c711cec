/** JSON Schema of a test case, for editors. */
import { LISTENER_STATES } from '../../drivers/eim-contract.js';
import { CONDITIONS } from '../../src/engine/conditions.js';
import { EIM_CONDITIONS } from '../../src/engine/eim-conditions.js';
import { IPAD_CONDITIONS } from '../../src/engine/ipad-conditions.js';
import { STEP_FORMS, STEP_KEYS } from '../../src/engine/load-definitions.js';
import { CASE_KEYS, CAUSES, PROVENANCES, SEQUENCE_KEYS, VERSIONS } from '../../src/engine/load-test-case.js';
import { described, listOf, mapOf, oneWordOf, text, type Schema } from './parts.js';

const condition = described(
  text,
  'M, N/A, an option or condition; not, and, or, parentheses; IF ... THEN ... ELSE ...',
);
const requirements = described(listOf(text), 'ids of suites/requirements');
const map: Schema = { type: 'object' };

const common = { rq: requirements, name: text, applies: condition };

const initialCondition: Schema = {
  oneOf: [
    ...Object.entries(CONDITIONS).map(([name, keys]) =>
      mapOf(['eUICC', ...keys], { eUICC: { const: name } }, ['eUICC']),
    ),
    ...Object.entries(IPAD_CONDITIONS).flatMap(([role, kinds]) =>
      Object.entries(kinds)
        .filter(([name]) => role !== 'S_eUICC' || !Object.hasOwn(EIM_CONDITIONS.S_eUICC, name))
        .map(([name, keys]) => mapOf([role, ...keys], { [role]: { const: name } }, [role])),
    ),
    ...Object.entries(EIM_CONDITIONS).flatMap(([role, kinds]) =>
      Object.entries(kinds).map(([name, keys]) =>
        mapOf([role, 'device', ...keys], { [role]: { const: name } }, [role]),
      ),
    ),
    mapOf(['use', 'with'], { use: described(text, 'PROC_*'), with: map }, ['use']),
  ],
};

/** `S_IPA -> eUICC: ...` and the answer the other way. */
const exchange: Schema = {
  type: 'object',
  properties: common,
  patternProperties: { '^\\s*[A-Za-z_0-9+-]+\\s*->\\s*[A-Za-z_0-9+-]+\\s*$': map },
  additionalProperties: false,
  minProperties: 1,
};

const step: Schema = {
  type: 'object',
  if: { anyOf: Object.keys(STEP_FORMS).map((key) => ({ required: [key] })) },
  then: {
    oneOf: [
      mapOf(STEP_FORMS.use, { ...common, use: described(text, 'PROC_*'), with: map }, ['use']),
      mapOf(STEP_FORMS.compare, common, ['compare', 'with']),
      mapOf(STEP_FORMS.personalise, { name: text, applies: condition, personalise: text, with: map }, [
        'personalise',
      ]),
      mapOf(
        STEP_FORMS['S_SM-DP+'],
        { name: text, applies: condition, 'S_SM-DP+': oneWordOf(LISTENER_STATES) },
        ['S_SM-DP+'],
      ),
    ],
  },
  else: exchange,
  description: `one request and one answer, or ${Object.keys(STEP_FORMS).join(', ')}; beside it ${STEP_KEYS.join(', ')}`,
};

const shared = {
  title: text,
  purpose: text,
  provenance: oneWordOf(PROVENANCES),
  applies: condition,
  versions: listOf(oneWordOf(VERSIONS)),
  initialConditions: listOf(initialCondition),
};

const sequence = mapOf(
  SEQUENCE_KEYS,
  {
    ...shared,
    nr: { type: 'string', pattern: '^\\d\\d+$' },
    kind: text,
    steps: { ...listOf(step), minItems: 1 },
    kills: {
      description: 'seeded defects on which the sequence FAILs; as a map with the cause',
      oneOf: [
        { ...listOf(text), minItems: 1 },
        { type: 'object', additionalProperties: oneWordOf(CAUSES), minProperties: 1 },
      ],
    },
  },
  ['nr', 'title', 'steps', 'kills'],
);

export const testCaseSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'sgp33 test case',
  ...mapOf(
    CASE_KEYS,
    {
      ...shared,
      id: { type: 'string', pattern: '^TC_(eUICC|IPAd|eIM)_' },
      basis: mapOf(['spec', 'section', 'version'], { spec: text, section: text, version: text }, [
        'spec',
        'section',
        'version',
      ]),
      interface: text,
      function: text,
      sequences: { ...listOf(sequence), minItems: 1 },
    },
    ['id', 'title', 'basis', 'interface', 'function', 'provenance', 'applies', 'sequences'],
  ),
};
