/** The eUICC as a party: the one under test, or the S_eUICC of a device. */
import type { EuiccRequest, Observation } from '../../drivers/contract.js';
import { bytesToHex, type TextValue } from '../protocol/asn1/index.js';
import { learn } from './learn.js';
import { switchesProfile } from './profile-switch.js';
import type { Scope } from './scope.js';
import type { Aftermath, Knowledge, Prepared } from './stage.js';
import { lastReset } from './step-problem.js';
import { stepRequest } from './step-request.js';
import type { ExchangeStep } from './suite.js';
import { asText, find } from './yaml/nodes.js';

export interface EuiccParty {
  readonly knowledge: Knowledge;
  exchange(request: EuiccRequest, signal: AbortSignal): Promise<Observation>;
  /** After a change of the enabled Profile the card is reset, unless a step says that it resets by itself. */
  readonly resetAfterSwitch: boolean;
  /** Told when the card is somewhere else than at its start, or back there. */
  setDirty?(dirty: boolean): void;
}

/** @throws {SuiteError} for a request that can not be built. */
export function prepareEuicc(party: EuiccParty, step: ExchangeStep, scope: Scope): Prepared {
  const built = stepRequest(step.request, scope, party.knowledge);
  let sent: Observation | undefined;
  return {
    title: built.title,
    message: built.message,
    async send(signal) {
      sent = await party.exchange(built.request, signal);
      const atr = built.request.kind === 'reset' ? lastReset(sent) : undefined;
      return {
        data: sent.data,
        sw: sent.sw,
        ...(sent.malformed === undefined ? {} : { malformed: sent.malformed }),
        ...(atr === undefined ? {} : { atr }),
      };
    },
    after: ({ data }) => aftermath(party, step, built.request, data),
  };
}

function aftermath(
  party: EuiccParty,
  step: ExchangeStep,
  request: EuiccRequest,
  answer: Uint8Array,
): Aftermath {
  const variables = new Map<string, TextValue>();
  if (request.kind === 'apdu' || (request.kind === 'reset' && request.start === false))
    party.setDirty?.(true);
  if (request.kind === 'reset' && request.start !== false) party.setDirty?.(false);
  if (request.kind !== 'es10') return { variables };
  const save = find(step.request, 'save');
  if (save !== undefined) variables.set(asText(save, 'save'), bytesToHex(request.data));
  const learned = learn(party.knowledge, request.data, answer);
  if (learned.counter !== undefined) variables.set('COUNTER', learned.counter);
  const reset =
    party.resetAfterSwitch &&
    find(step.request, 'refresh') === undefined &&
    switchesProfile(learned.function?.name, learned.decoded?.value);
  if (!reset) return { variables };
  return {
    variables,
    // A reader has no modem that acts on REFRESH: the reset stands for it (SGP.32 3.4.1).
    then: {
      title: 'Reset, as a device does on REFRESH',
      direction: `${step.from} -> ${step.to}`,
      run: (signal) => party.exchange({ kind: 'reset' }, signal),
    },
  };
}
