/** A target file: which IUT, how it is reached, which options it declares, what may be changed on it. */
import { dirname, resolve } from 'node:path';
import type { Sgp32Version } from '../protocol/types/index.js';
import { meant } from '../protocol/did-you-mean.js';
import { readYaml } from './load-suite.js';
import { CHANGES, type Change, type Suite } from './suite.js';
import {
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

export interface Target {
  readonly name: string;
  readonly iut: 'eUICC' | 'IPAd' | 'eIM';
  readonly file: string;
  /** As written; the driver named by `driver.kind` reads its own keys. */
  readonly driver: { readonly kind: string; readonly settings: YMap };
  readonly sgp32Version: Sgp32Version;
  readonly sgp22Version: string;
  readonly options: ReadonlyMap<string, boolean>;
  /** `$IUT_*`. */
  readonly settings: ReadonlyMap<string, YNode>;
  /** Constants of the suite that this target replaces. */
  readonly constants: ReadonlyMap<string, YNode>;
  readonly allow: readonly Change[];
  /** Consent to what can not be restored (counters, sequence numbers, tokens). */
  readonly consent: boolean;
  /**
   * After a change of the enabled Profile the card is reset, as a device does on REFRESH: what a reader without a
   * modem must do. True for `pcsc` unless the target says otherwise.
   */
  readonly resetAfterSwitch: boolean;
  /**
   * The personaliser gives every sequence a card as it was personalised: what one sequence left behind where nobody
   * can see it does not reach the next. True for `in-process` unless the target says otherwise.
   */
  readonly freshCard: boolean;
  /** PKI folder; undefined: the project's own. Relative to the target file. */
  readonly pki: string | undefined;
  /** Interpretation id to policy. */
  readonly interpretations: ReadonlyMap<string, string>;
  readonly defects: readonly string[];
  /** So many sequences may run at once, each with devices of its own. Only an eIM has more than one. */
  readonly concurrent: number;
}

export const TARGET_KEYS = [
  'name',
  'iut',
  'driver',
  'sgp32Version',
  'sgp22Version',
  'options',
  'settings',
  'constants',
  'allow',
  'consent',
  'resetAfterSwitch',
  'freshCard',
  'pki',
  'interpretations',
  'defects',
  'description',
];

/** @throws {SuiteError} or {Sgp33Error} `file-not-readable`. */
export function loadTarget(root: string, file: string): Target {
  const m = asMap(readYaml(root, file), 'a target');
  onlyKeys(m, TARGET_KEYS, 'a target');
  const text = (key: string): string => asText(need(m, key, 'a target'), key);
  const iut = text('iut');
  if (iut !== 'eUICC' && iut !== 'IPAd' && iut !== 'eIM')
    throw new SuiteError('yaml-shape', `'${iut}' is no IUT`, m.place, { expected: 'eUICC, IPAd or eIM' });
  const driver = asMap(need(m, 'driver', 'a target'), 'driver');
  const kind = asText(need(driver, 'kind', 'driver'), 'kind');
  const version = optional(m, 'sgp32Version') ?? '1.2';
  if (version !== '1.2' && version !== '1.0.1')
    throw new SuiteError('yaml-shape', `'${version}' is no SGP.32 version`, m.place, {
      expected: '1.0.1 or 1.2',
    });
  const options = new Map<string, boolean>();
  for (const e of mapAt(m, 'options')?.entries ?? []) {
    const value = asText(e.value, e.key);
    if (value !== 'true' && value !== 'false')
      throw new SuiteError('yaml-shape', `option ${e.key} must be true or false`, e.value.place, {
        actual: value,
      });
    if (e.key.startsWith('P_RUN_'))
      throw new SuiteError('yaml-shape', `${e.key} is said by the driver`, e.keyPlace, {
        repair: 'Leave it out.',
      });
    options.set(e.key, value === 'true');
  }
  for (const [name, value] of runOptions(kind, driver)) options.set(name, value);
  const allow = find(m, 'allow');
  const defects = find(m, 'defects');
  return {
    name: text('name'),
    iut,
    file: m.place.file,
    driver: { kind, settings: driver },
    sgp32Version: version,
    sgp22Version: optional(m, 'sgp22Version') ?? '2.5',
    options,
    settings: new Map(mapAt(m, 'settings')?.entries.map((e) => [e.key, e.value])),
    constants: new Map(mapAt(m, 'constants')?.entries.map((e) => [e.key, e.value])),
    allow: allow === undefined ? [] : texts(allow, 'allow').map((t) => changeOf(t, allow)),
    consent: flag(m, 'consent', false),
    resetAfterSwitch: flag(m, 'resetAfterSwitch', kind === 'pcsc'),
    freshCard: flag(m, 'freshCard', kind === 'in-process'),
    pki: optional(m, 'pki'),
    interpretations: new Map(
      mapAt(m, 'interpretations')?.entries.map((e) => [e.key, policyOf(e.value, e.key)]),
    ),
    defects: defects === undefined ? [] : texts(defects, 'defects'),
    concurrent: concurrency(driver),
  };
}

/** What follows from the way to the IUT. */
function runOptions(kind: string, driver: YMap): [string, boolean][] {
  const ipad = kind === 'ipad';
  if (!kind.startsWith('eim-') && !ipad) return [];
  const json = optional(driver, 'binding') === 'json';
  const coap = ipad ? optional(driver, 'transport') === 'coap' : kind === 'eim-coap';
  const card = find(driver, 'card');
  return [
    ['P_RUN_HTTPS', !coap && kind !== 'eim-in-process'],
    ['P_RUN_COAPS', coap],
    ['P_RUN_ASN1', !json],
    ['P_RUN_JSON', json],
    ['P_RUN_CARD', ipad && !(card?.kind === 'map' && optional(card, 'kind') === 'real')],
    ['P_RUN_HTTPS_TOO', kind === 'eim-coap' && ['https', 'builtIn'].some((key) => find(driver, key))],
  ];
}

/** `driver.devices.concurrent`, which the driver checks; 1 where it is not a number. */
function concurrency(driver: YMap): number {
  const devices = find(driver, 'devices');
  const text = devices?.kind === 'map' ? optional(devices, 'concurrent') : undefined;
  return text !== undefined && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 1;
}

const optional = (m: YMap, key: string): string | undefined => {
  const value = find(m, key);
  return value === undefined ? undefined : asText(value, key);
};

const mapAt = (m: YMap, key: string): YMap | undefined => {
  const value = find(m, key);
  return value === undefined ? undefined : asMap(value, key);
};

function flag(m: YMap, key: string, otherwise: boolean): boolean {
  const n = find(m, key);
  if (n === undefined) return otherwise;
  const text = asText(n, key);
  if (text !== 'true' && text !== 'false')
    throw new SuiteError('yaml-shape', `${key} must be true or false`, n.place, { actual: text });
  return text === 'true';
}

function policyOf(n: YNode, id: string): string {
  const policy = asText(n, id);
  if (policy === 'strict' || policy === 'lenient' || policy === 'either') return policy;
  throw new SuiteError('yaml-shape', `'${policy}' is no policy`, n.place, {
    expected: 'strict, lenient or either',
  });
}

function changeOf(text: string, at: YNode): Change {
  const change = CHANGES.find((c) => c === text);
  if (change !== undefined) return change;
  const repair = meant(text, CHANGES);
  throw new SuiteError('yaml-shape', `'${text}' is nothing that can be allowed`, at.place, {
    expected: CHANGES.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

/** Options, interpretations and constants of the target that the suite does not know. */
export function checkTarget(target: Target, suite: Suite): void {
  const place = { file: target.file, line: 1, column: 1 };
  const check = (what: string, names: Iterable<string>, known: Iterable<string>): void => {
    const all = [...known];
    for (const name of names)
      if (!all.includes(name)) {
        const repair = meant(name, all);
        throw new SuiteError(
          `unknown-${what}`,
          `unknown ${what} '${name}'`,
          place,
          repair === undefined ? {} : { repair },
        );
      }
  };
  check('option', target.options.keys(), suite.catalogue.options.keys());
  check('interpretation', target.interpretations.keys(), suite.interpretations.keys());
  check('constant', target.constants.keys(), suite.constants.keys());
}

/** The folder that relative paths in a target are relative to; absolute. */
export const targetFolder = (target: Target, root: string): string => dirname(resolve(root, target.file));
