/** What an IPAd finds in its eUICC about an eIM that the tool plays (EimConfigurationData, SGP.32 2.11.1.1.1). */
import { TRUST_KINDS, type TrustKind } from '../../drivers/ipad-contract.js';
import { bytesToHex, type TextValue } from '../protocol/asn1/index.js';
import { evaluateData, evaluateText, type Evaluation } from './evaluate.js';
import { StateError } from './fingerprint.js';
import type { IpadStage } from './ipad-stage.js';
import type { SimulatedEim } from './suite.js';
import { find, SuiteError, type YMap } from './yaml/nodes.js';

/**
 * With the listener as eimFqdn and what is needed to trust it; `trust`, `token`, `counterValue` and `with` of a condition
 * change it.
 */
export function eimConfigurationData(
  stage: IpadStage,
  role: string,
  map: YMap,
  at: Evaluation,
): { [name: string]: TextValue } {
  const text = (key: string): string | undefined => {
    const node = find(map, key);
    return node === undefined ? undefined : evaluateText(node, at, key);
  };
  const listener = stage.driver.eims.get(role);
  if (listener === undefined) throw new StateError(`the target has no ${role}`);
  const own = find(map, 'with');
  const simulated = simulatedEim(stage, role);
  const trust = trustOf(text('trust') ?? 'ca', map);
  const fields = fieldsOf({
    eimId: simulated.eimId,
    eimFqdn: listener.serverName,
    transport: listener.transport,
    key: stage.pki.certificate(bare(simulated.key)).spki,
    trust,
    anchor: listener.trustAnchor(trust),
    ...(text('counterValue') === undefined ? {} : { counterValue: text('counterValue') }),
    token: (text('token') ?? 'allocated') === 'allocated',
  });
  const changes = own === undefined ? {} : (evaluateData(own, at) as { [name: string]: TextValue });
  // `!absent` leaves a field out: it is not among the evaluated ones.
  const gone =
    own?.kind === 'map' ? own.entries.filter((e) => e.value.tag === 'absent').map((e) => e.key) : [];
  return Object.fromEntries(
    Object.entries({ ...fields, ...changes }).filter(([name]) => !gone.includes(name)),
  );
}

/** Who signs, where the eIM is, and whom to trust there. */
export interface EimFacts {
  readonly eimId: string;
  readonly eimFqdn: string;
  readonly transport: 'https' | 'coap';
  /** DER of the SubjectPublicKeyInfo with which packages are checked. */
  readonly key: Uint8Array;
  readonly trust: TrustKind;
  readonly anchor: Uint8Array;
  readonly counterValue?: string | undefined;
  /** The eUICC allocates an association token. */
  readonly token: boolean;
}

/** EimConfigurationData with the names of the specification; the same in SGP.32 v1.0.1 and v1.2. */
export const fieldsOf = (eim: EimFacts): { [name: string]: TextValue } => ({
  eimId: eim.eimId,
  eimFqdn: eim.eimFqdn,
  eimIdType: 'eimIdTypeProprietary',
  counterValue: eim.counterValue ?? '1',
  ...(eim.token ? { associationToken: '-1' } : {}),
  eimPublicKeyData: { eimPublicKey: bytesToHex(eim.key) },
  trustedPublicKeyDataTls: {
    [eim.trust === 'public-key' ? 'trustedEimPkTls' : 'trustedCertificateTls']: bytesToHex(eim.anchor),
  },
  eimSupportedProtocol: [eim.transport === 'coap' ? 'eimRetrieveCoaps' : 'eimRetrieveHttps'],
});

/** S_eIM is the first of fixtures/eims.yaml, S_eIM2 the second. @throws {StateError} */
export function simulatedEim(stage: Pick<IpadStage, 'suite'>, role: string): SimulatedEim {
  const simulated = [...stage.suite.eims.values()][role === 'S_eIM' ? 0 : 1];
  if (simulated === undefined) throw new StateError(`fixtures/eims.yaml has no eIM for ${role}`);
  return simulated;
}

export const bare = (name: string): string => name.replace(/^(SK|PK|CERT)_/, '');

function trustOf(text: string, at: YMap): TrustKind {
  const kind = TRUST_KINDS.find((k) => k === text);
  if (kind !== undefined) return kind;
  throw new SuiteError('yaml-shape', `'${text}' is nothing that an IPAd can be told to trust`, at.place, {
    expected: TRUST_KINDS.join(', '),
  });
}
