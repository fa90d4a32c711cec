/** eUICC Packages that the engine itself sends to bring a card into a state; nothing here is judged. */
import { bytesToHex, concat, decode, encode, fromText, type TextValue } from '../protocol/asn1/index.js';
import { signEcdsa } from '../protocol/crypto/ecdsa.js';
import { typeByName } from '../protocol/types/index.js';
import { pkiName, tokenTlv } from './message.js';
import type { Session } from './session.js';
import { readEims, StateError } from './fingerprint.js';
import { learn } from './learn.js';

/** Sends the operations in one package signed by an eIM of ours, and gives the results as text. */
export async function sendPackage(
  session: Session,
  eimId: string,
  euiccPackage: TextValue,
  signal?: AbortSignal,
): Promise<TextValue[]> {
  const record = session.eims.record(eimId);
  const key = session.eims.keyOf(eimId);
  if (key === undefined) throw new StateError(`no key for eIM ${eimId}`);
  const signedType = typeByName(session.version, 'EuiccPackageSigned');
  const signed = encode(
    signedType,
    fromText(signedType, {
      eimId,
      eidValue: session.driver.identity.eid ?? '',
      counterValue: String(record.counter + 1),
      euiccPackage,
    }),
  );
  const signature = signEcdsa(
    session.pki.privateKey(pkiName(key)),
    concat([signed, tokenTlv(record.token ?? 0)]),
  );
  const requestType = typeByName(session.version, 'EuiccPackageRequest');
  const request = encode(requestType, {
    euiccPackageSigned: decode(signedType, signed).value,
    eimSignature: signature,
  });
  const observation = await session.exchange({ kind: 'es10', data: request }, signal);
  const { decoded } = learn(session, request, observation.data);
  const value = decoded?.value as
    { euiccPackageResultSigned?: { euiccPackageResultDataSigned?: { euiccResult?: unknown[] } } } | undefined;
  const results = value?.euiccPackageResultSigned?.euiccPackageResultDataSigned?.euiccResult;
  if (results === undefined)
    throw new StateError(
      `a package of ${eimId} was answered ${bytesToHex(observation.data.subarray(0, 48)) || String(observation.sw)}`,
    );
  return results.map((r) =>
    Object.entries(r as object)
      .map(([k, v]) => `${k}: ${String(v)}`)
      .join(),
  );
}

/**
 * An Associated eIM for which the tool can sign, with its counter known. Where there is none, the eIM configuration
 * is reset and one is added. @throws {StateError}
 */
export async function ensureOwnEim(session: Session, signal?: AbortSignal): Promise<string> {
  const present = await readEims(session, signal);
  for (const eim of present) {
    const eimId = eim['eimId'];
    if (typeof eimId !== 'string') continue;
    if (session.eims.plays(eimId) && session.eims.record(eimId).associated) return eimId;
  }
  const own = [...session.eims.eims.values()][0];
  if (own === undefined) throw new StateError('fixtures/eims.yaml names no eIM');
  await setEims(
    session,
    [
      {
        eimId: own.eimId,
        counterValue: '0',
        eimPublicKeyData: { eimPublicKey: bytesToHex(ownPublicKey(session, own.key)) },
      },
    ],
    signal,
  );
  return own.eimId;
}

const ownPublicKey = (session: Session, key: string): Uint8Array =>
  session.pki.certificate(pkiName(key)).spki;

/** Makes exactly these eIMs the associated ones: eUICCMemoryReset (resetEimConfigData), then AddInitialEim. */
export async function setEims(
  session: Session,
  wanted: readonly TextValue[],
  signal?: AbortSignal,
): Promise<void> {
  if ((await readEims(session, signal)).length > 0) {
    const { decoded, observation } = await session.call(
      'EuiccMemoryResetRequest',
      { resetOptions: ['resetEimConfigData'] },
      'EuiccMemoryResetResponse',
      signal,
    );
    const result = (decoded.value as { resetEimResult?: number } | undefined)?.resetEimResult;
    if (result !== 0 && result !== 1)
      throw new StateError(
        `resetEimConfigData was answered ${bytesToHex(observation.data) || String(observation.sw)}`,
      );
    session.eims.dissociateAll();
  }
  if (wanted.length === 0) return;
  const type = typeByName(session.version, 'AddInitialEimRequest');
  const request = encode(type, fromText(type, { eimConfigurationDataList: [...wanted] }));
  const observation = await session.exchange({ kind: 'es10', data: request }, signal);
  const { decoded } = learn(session, request, observation.data);
  if ((decoded?.value as { addInitialEimOk?: unknown[] } | undefined)?.addInitialEimOk === undefined)
    throw new StateError(
      `AddInitialEim was answered ${bytesToHex(observation.data) || String(observation.sw)}`,
    );
}

/** Removes a Notification or a stored eUICC Package Result. */
export async function removeNotification(
  session: Session,
  seqNumber: string,
  signal?: AbortSignal,
): Promise<void> {
  await session.call('NotificationSentRequest', { seqNumber }, 'NotificationSentResponse', signal);
}
