/** S_eUICC: an SGP.32 eUICC made of software, reached by APDU bytes only. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Sgp33Error } from '../../protocol/errors.js';
import { packageRoot } from '../../protocol/package-root.js';
import type { DefectObserver } from '../defect-set.js';
import type { VirtualCard } from '../virtual-card.js';
import { EuiccCore } from './core.js';
import { defectsOf } from './defects.js';
import { ecasdOf, loadEcasd } from './ecasd.js';
import type { EuiccIdentity } from './identity.js';
import { initialState } from './initial-state.js';
import type { Protocol } from './os/answer-to-reset.js';
import { CardOs } from './os/card-os.js';
import { readPersonalisation } from './personalisation-file.js';
import {
  personalisation,
  type Personalisation,
  type PersonalisationInput,
} from './personalisation-schema.js';
import { applyPersonalisation } from './personaliser.js';
import { ofVersion, type CardVersion } from './version.js';

export interface EuiccOptions {
  /** A YAML file, or the same as an object; by default fixtures/profiles/euicc-default.yaml. */
  readonly personalisation?: string | PersonalisationInput;
  /** EID, keys and certificates made for this card; they win over `eid` and `ecasd` of the personalisation. */
  readonly identity?: EuiccIdentity;
  /** Folder of certificates and keys; by default fixtures/pki. */
  readonly pki?: string;
  /** The personalisation decides when it is not given. */
  readonly protocol?: Protocol;
  /** What the card speaks; the personalisation decides when it is not given. */
  readonly sgp32Version?: CardVersion;
  /** The SM-DP+ of every Profile's Notifications, in place of what the personalisation says. */
  readonly notificationAddress?: string;
  /** Seeded defects by name. */
  readonly defects?: readonly string[];
  readonly defectObserver?: DefectObserver;
  /** Where the state is kept; without it, it ends with the process. */
  readonly stateFile?: string;
  /** For euiccChallenge; by default random. */
  readonly random?: (length: number) => Uint8Array;
}

export interface SEuicc extends VirtualCard {
  /** 32 digits. */
  readonly eid: string;
  /**
   * Does what no command can: installs a Profile, fills the memory, and so on (see the ACTIONS of
   * personalisation-schema.ts). @throws {Sgp33Error} `personalisation-action`.
   */
  applyPersonalisation(action: string, parameters?: Readonly<Record<string, unknown>>): void;
  /**
   * Runs one ES10 function past all channels, also without power; no terminal can tell that it did.
   * @returns the response TLV, and 9000 or the status word of a refusal.
   */
  es10(request: Uint8Array): { readonly data: Uint8Array; readonly sw: number };
}

export const defaultPersonalisation = (): string =>
  join(packageRoot(), 'fixtures', 'profiles', 'euicc-default.yaml');

/**
 * Makes a card; with a state file, the one that was there when it last ran.
 * @throws {Sgp33Error} `personalisation`, `unknown-defect`, `state-file`, `euicc-eid-mismatch`, `pki-missing` and the
 *   other errors of the PKI folder.
 */
export function createEuicc(options: EuiccOptions = {}): SEuicc {
  const defects = defectsOf(options.defects ?? [], options.defectObserver);
  const { identity } = options;
  const file = addressed(
    personalisationOf(options.personalisation ?? defaultPersonalisation()),
    options.notificationAddress,
  );
  const version = options.sgp32Version ?? file.sgp32Version;
  const from = ofVersion(identity === undefined ? file : { ...file, eid: identity.eid }, version);
  const foreign = defects.has('foreign-euicc-certificate');
  const ecasd =
    identity === undefined
      ? loadEcasd(from.eid, from.ecasd, options.pki, foreign)
      : ecasdOf(identity, from.ecasd, options.pki, foreign);
  const random = options.random ?? ((length: number) => new Uint8Array(randomBytes(length)));
  const core = new EuiccCore(initialState(from), ecasd, defects, random, version, options.stateFile);
  const card = new CardOs(core, options.protocol ?? from.protocol);
  return {
    eid: from.eid,
    atr: () => card.atr(),
    powerOn: () => card.powerOn(),
    powerOff: () => card.powerOff(),
    reset: () => card.reset(),
    transmit: (command) => card.transmit(command),
    es10: (request) => card.es10(request),
    applyPersonalisation: (action, parameters) => applyPersonalisation(core, from, action, parameters),
  };
}

function addressed(file: Personalisation, notificationAddress: string | undefined): Personalisation {
  if (notificationAddress === undefined) return file;
  return {
    ...file,
    profiles: file.profiles.map((p) => ({
      ...p,
      notificationConfigurationInfo: p.notificationConfigurationInfo.map((n) => ({
        ...n,
        notificationAddress,
      })),
    })),
  };
}

function personalisationOf(source: string | PersonalisationInput): Personalisation {
  if (typeof source === 'string') return readPersonalisation(source);
  const result = personalisation.safeParse(source);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Sgp33Error('personalisation', issue?.message ?? 'not a personalisation', {
    place: (issue?.path ?? []).map(String).join('.'),
  });
}
