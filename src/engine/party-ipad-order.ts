/** What the operator does around an IPAd: triggers, how an eIM presents itself, faults of the card. */
import {
  IPAD_TRIGGERS,
  SERVER_CERTIFICATES,
  type CardFault,
  type IpadTriggerName,
  type ServerPresentation,
  type TriggerEnd,
} from '../../drivers/ipad-contract.js';
import type { FactMap } from '../../drivers/eim-contract.js';
import { bytesToHex, encode, fromText, hexToBytes, type TextValue } from '../protocol/asn1/index.js';
import { meant } from '../protocol/did-you-mean.js';
import { typeByName, type Sgp32Version } from '../protocol/types/index.js';
import { evaluateData, type Evaluation } from './evaluate.js';
import { eimConfigurationData, simulatedEim } from './ipad-eim-configuration.js';
import type { IpadStage } from './ipad-stage.js';
import { factsOf, flagOf, given, numberOf } from './plain-facts.js';
import type { Scope } from './scope.js';
import { NO_AFTERMATH, unknownParty, type Prepared, type Seen } from './stage.js';
import type { ExchangeStep } from './suite.js';
import { asMap, find, onlyKeys, SuiteError, type YEntry, type YMap, type YNode } from './yaml/nodes.js';

export const PRESENTATION_KEYS: readonly string[] = [
  'certificate',
  'versions',
  'ciphers',
  'unofferedCipher',
  'requestClientCertificate',
  'resumption',
  'cookies',
  'down',
  'mute',
];
export const FAULT_KEYS: readonly string[] = ['function', 'sw', 'response', 'times', 'executed'];

/** The trigger that a step names. @throws {SuiteError} `unknown-trigger`. */
export function triggerOf(node: YMap): { trigger: IpadTriggerName; entry: YEntry } {
  const [entry] = node.entries;
  if (entry === undefined) throw new SuiteError('step-shape', 'the operator orders nothing', node.place);
  onlyKeys(node, [entry.key], 'a trigger');
  const trigger = IPAD_TRIGGERS.find((t) => t === entry.key);
  if (trigger !== undefined) return { trigger, entry };
  const repair = meant(entry.key, IPAD_TRIGGERS);
  throw new SuiteError('unknown-trigger', `unknown trigger '${entry.key}'`, entry.keyPlace, {
    expected: IPAD_TRIGGERS.join(', '),
    ...(repair === undefined ? {} : { repair }),
  });
}

/** @throws {SuiteError} for an order that can not be carried out. */
export function prepareIpadOrder(stage: IpadStage, step: ExchangeStep, scope: Scope): Prepared {
  const at: Evaluation = { scope, eims: stage.eims };
  if (step.to === 'IPAd') return trigger(stage, step, at);
  if (/^S_eIM2?$/.test(step.to)) {
    const presentation = presentationOf(need(step.request, 'present'), at);
    return quiet(`${step.to} presents ${JSON.stringify(presentation)}`, () =>
      present(stage, step.to, presentation),
    );
  }
  if (step.to === 'S_eUICC') return cardOrder(stage, step, at);
  throw unknownParty(step.to, step.place, ['IPAd', 'S_eIM', 'S_eIM2', 'S_eUICC']);
}

/** `fault: {...}`, `pull: {}`, `insert: {}`. */
function cardOrder(stage: IpadStage, { request }: ExchangeStep, at: Evaluation): Prepared {
  const { card } = stage.driver;
  if (card === undefined) throw stage.noCard();
  if (find(request, 'pull') !== undefined) return quiet('the card is pulled', (s) => card.pull(s));
  if (find(request, 'insert') !== undefined) return quiet('the card is put in again', (s) => card.insert(s));
  const fault = faultOf(need(request, 'fault'), at, stage.version);
  return quiet(`S_eUICC will answer ${fault.function} with ${fault.sw ?? 'other data'}`, () => {
    stage.faults = [...stage.faults, fault];
    card.fault(stage.faults);
    return Promise.resolve();
  });
}

/**
 * What waited for an answer on a connection of before gets none, and no step will take it for something new.
 * @throws {SuiteError} `unknown-role` for a role that the target does not have.
 */
export async function present(
  stage: IpadStage,
  role: string,
  presentation: ServerPresentation,
): Promise<void> {
  const listener = stage.driver.eims.get(role);
  if (listener === undefined)
    throw new SuiteError('unknown-role', `the target has no ${role}`, {
      file: stage.target.file,
      line: 1,
      column: 1,
    });
  stage.traffic.forgetMessages(role);
  await listener.present(presentation);
  if (presentation.down === true) {
    await listener.clear();
    stage.traffic.forgetMessages(role);
  }
  stage.presented.set(role, presentation);
}

function trigger(stage: IpadStage, step: ExchangeStep, at: Evaluation): Prepared {
  const { trigger: name, entry } = triggerOf(step.request);
  const own = evaluateData(asMap(entry.value, name), at) as FactMap;
  const wantsEnd = step.answer !== undefined && find(step.answer, 'ended') !== undefined;
  return {
    title: `${name} ${JSON.stringify(own)}`.replace(' {}', ''),
    message: undefined,
    async send(signal): Promise<Seen> {
      const fired = await stage.driver.triggers.fire(name, { ...surroundings(stage), ...own }, signal);
      stage.traffic.fired(fired);
      const ended = wantsEnd && fired.ended !== undefined ? await fired.ended : undefined;
      return {
        data: new Uint8Array(0),
        accepted: true,
        facts: ended === undefined ? {} : { ended: endFacts(ended) },
      };
    },
    after: () => NO_AFTERMATH,
  };
}

/** What a mapping may use: {@link TRIGGER_PARAMETERS}. */
function surroundings(stage: IpadStage): FactMap {
  const { card, eims, notificationAddress, surroundings: known } = stage.driver;
  return {
    sequence: stage.sequenceId,
    ...known,
    ...(card === undefined ? {} : { eid: card.eid }),
    ...(notificationAddress === undefined ? {} : { notificationAddress }),
    ...Object.fromEntries(
      [...eims].flatMap(([role, { address, serverName }]) => {
        const prefix = role === 'S_eIM' ? 'eim' : 'eim2';
        return [
          [`${prefix}Id`, simulatedEim(stage, role).eimId],
          [`${prefix}Address`, address],
          [`${prefix}Fqdn`, serverName],
        ];
      }),
    ),
    eimConfigurationData: eimConfiguration(stage),
  };
}

/** EimConfigurationData of S_eIM in hex, for a device that is to hand it over with AddInitialEim. */
function eimConfiguration(stage: IpadStage): string {
  const at: Evaluation = { scope: stage.scope, eims: stage.eims };
  const data = eimConfigurationData(stage, 'S_eIM', NO_CHANGES, at);
  const type = typeByName(stage.version, 'EimConfigurationData');
  return bytesToHex(encode(type, fromText(type, data)));
}

const NO_CHANGES: YMap = {
  kind: 'map',
  tag: undefined,
  entries: [],
  place: { file: '', line: 1, column: 1 },
};

const endFacts = (end: TriggerEnd): FactMap => ({
  how: end.how,
  output: end.output,
  outputBytes: String(end.outputBytes),
  ...(end.exitCode === undefined ? {} : { exitCode: String(end.exitCode) }),
  ...(end.signal === undefined ? {} : { signal: end.signal }),
});

function quiet(title: string, work: (signal: AbortSignal) => Promise<void>): Prepared {
  return {
    title,
    message: undefined,
    async send(signal) {
      await work(signal);
      return { data: new Uint8Array(0), accepted: true, facts: {} };
    },
    after: () => NO_AFTERMATH,
  };
}

function need(node: YMap, key: string): YNode {
  onlyKeys(node, [key], 'an order');
  const value = find(node, key);
  if (value === undefined) throw new SuiteError('step-shape', `'${key}' is missing`, node.place);
  return value;
}

/** @throws {SuiteError} for an unknown certificate or key. */
export function presentationOf(node: YNode, at: Evaluation): ServerPresentation {
  const m = factsOf(node, 'present', PRESENTATION_KEYS, at);
  const name = m['certificate'];
  const certificate = SERVER_CERTIFICATES.find((c) => c === name);
  if (name !== undefined && certificate === undefined)
    throw new SuiteError('unknown-certificate', `unknown server certificate '${textIn(name)}'`, node.place, {
      expected: SERVER_CERTIFICATES.join(', '),
      ...(meant(textIn(name), SERVER_CERTIFICATES) === undefined
        ? {}
        : { repair: meant(textIn(name), SERVER_CERTIFICATES) as string }),
    });
  return given({
    certificate,
    versions: m['versions'] as string[] | undefined,
    ciphers: m['ciphers'] as string[] | undefined,
    unofferedCipher: flagOf(m['unofferedCipher']),
    requestClientCertificate: flagOf(m['requestClientCertificate']),
    resumption: flagOf(m['resumption']),
    cookies: flagOf(m['cookies']),
    down: flagOf(m['down']),
    mute: flagOf(m['mute']),
  });
}

/** `function` is a tag in hex, the name of the request's type, or SELECT. @throws {SuiteError} */
export function faultOf(node: YNode, at: Evaluation, version: Sgp32Version): CardFault {
  const m = factsOf(node, 'fault', FAULT_KEYS, at);
  const name = textIn(m['function'] ?? '*');
  const response = m['response'];
  const bytes = response === undefined ? undefined : hexToBytes(textIn(response));
  if (response !== undefined && bytes === undefined)
    throw new SuiteError('yaml-shape', "'response' must be hex", node.place);
  return given({
    function: /^(\*|SELECT|[0-9A-Fa-f]{2,6})$/.test(name) ? name.toUpperCase() : tagOfType(version, name),
    sw: m['sw'] === undefined ? undefined : textIn(m['sw']),
    response: bytes,
    times: numberOf(m['times']),
    executed: flagOf(m['executed']),
  });
}

const tagOfType = (version: Sgp32Version, name: string): string =>
  (typeByName(version, name).tag ?? 0).toString(16).toUpperCase();

const textIn = (value: TextValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
