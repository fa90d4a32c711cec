/** One consistent set of signed messages: structure, and every signature over the bytes as they came. */
import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesToHex, decode, encode, hexToBytes, reencode } from '../../../src/protocol/asn1/index.js';
import { typeByName } from '../../../src/protocol/types/index.js';
import set from './signed-vectors.json' with { type: 'json' };

type KeyName = keyof typeof set.publicKeys;

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? expect.fail(`no hex: ${hex}`);
const P256_SPKI = '3059301306072A8648CE3D020106082A8648CE3D030107034200';

/** Decoded message of the set, its node tree reachable by path. */
function message(name: string): { at: (path: string) => Uint8Array; content: (path: string) => Uint8Array } {
  const vector = set.vectors.find((v) => v.name === name) ?? expect.fail(`no vector ${name}`);
  const { node } = decode(typeByName('1.2', vector.type), bytesOf(vector.hex));
  const find = (path: string) => node?.at(path) ?? expect.fail(`${name} has no ${path}`);
  return { at: (path) => find(path).raw, content: (path) => find(path).content };
}

function verifies(key: KeyName, data: readonly Uint8Array[], signature: Uint8Array): boolean {
  const publicKey = createPublicKey({
    key: Buffer.from(P256_SPKI + set.publicKeys[key], 'hex'),
    format: 'der',
    type: 'spki',
  });
  return verify('sha256', Buffer.concat(data), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

const NO_TOKEN = bytesOf('840100');
const TOKEN_5 = bytesOf('840105');

/** [what, key, vector, paths of the signed data or bytes, path of the signature] */
const SIGNATURES: readonly (readonly [string, KeyName, string, readonly (string | Uint8Array)[], string])[] =
  [
    ['serverSignature1', 'S_SM_DPauth', 'authenticateServerRequest', ['serverSigned1'], 'serverSignature1'],
    [
      'euiccSignature1',
      'EUICC',
      'authenticateServerResponse',
      ['authenticateResponseOk.euiccSigned1'],
      'authenticateResponseOk.euiccSignature1',
    ],
    [
      'smdpSignature2',
      'S_SM_DPpb',
      'prepareDownloadRequest',
      ['smdpSigned2', message('authenticateServerResponse').at('authenticateResponseOk.euiccSignature1')],
      'smdpSignature2',
    ],
    [
      'euiccSignature2',
      'EUICC',
      'prepareDownloadResponse',
      ['downloadResponseOk.euiccSigned2', message('prepareDownloadRequest').at('smdpSignature2')],
      'downloadResponseOk.euiccSignature2',
    ],
    [
      'smdpSign',
      'S_SM_DPpb',
      'initialiseSecureChannelRequest',
      ['remoteOpId', 'transactionId', 'controlRefTemplate', 'smdpOtpk', bytesOf(`5F4941${set.otPK_EUICC}`)],
      'smdpSign',
    ],
    [
      'euiccSignPIR',
      'EUICC',
      'profileInstallationResult ok',
      ['profileInstallationResultData'],
      'euiccSignPIR',
    ],
    [
      'euiccSignPIR of an error',
      'EUICC',
      'profileInstallationResult scp03tSecurityError',
      ['profileInstallationResultData'],
      'euiccSignPIR',
    ],
    [
      'euiccNotificationSignature',
      'EUICC',
      'otherSignedNotification (enable)',
      ['tbsOtherNotification'],
      'euiccNotificationSignature',
    ],
    [
      'euiccCancelSessionSignature',
      'EUICC',
      'cancelSessionResponse ok',
      ['cancelSessionResponseOk.euiccCancelSessionSigned'],
      'cancelSessionResponseOk.euiccCancelSessionSignature',
    ],
    [
      'eimSignature',
      'S_EIMsign',
      'euiccPackageRequest enable+rollback, no association token',
      ['euiccPackageSigned', NO_TOKEN],
      'eimSignature',
    ],
    [
      'eimSignature with a token',
      'S_EIMsign',
      'euiccPackageRequest listProfileInfo, association token 5',
      ['euiccPackageSigned', TOKEN_5],
      'eimSignature',
    ],
    [
      'euiccSignEPR',
      'EUICC',
      'euiccPackageResult enable ok',
      ['euiccPackageResultSigned.euiccPackageResultDataSigned', NO_TOKEN],
      'euiccPackageResultSigned.euiccSignEPR',
    ],
    [
      'euiccSignEPE',
      'EUICC',
      'euiccPackageErrorSigned replayError',
      ['euiccPackageErrorSigned.euiccPackageErrorDataSigned', NO_TOKEN],
      'euiccPackageErrorSigned.euiccSignEPE',
    ],
  ];

describe('signed messages', () => {
  it.each(set.vectors)('$name ($type) decodes clean and encodes to itself', ({ type: name, hex }) => {
    const type = typeByName('1.2', name);
    const decoded = decode(type, bytesOf(hex));
    expect(decoded.findings).toEqual([]);
    expect(bytesToHex(encode(type, decoded.value))).toBe(hex);
    expect(bytesToHex(reencode(decoded))).toBe(hex);
  });

  it.each(SIGNATURES)('%s verifies with %s over the received bytes', (_what, key, name, data, signature) => {
    const { at, content } = message(name);
    const input = data.map((part) => (typeof part === 'string' ? at(part) : part));
    expect(verifies(key, input, content(signature))).toBe(true);
    const last = input.at(-1) ?? expect.fail('nothing signed');
    const spoilt = [
      ...input.slice(0, -1),
      last.map((octet, i) => (i === last.length - 1 ? octet ^ 1 : octet)),
    ];
    expect(verifies(key, spoilt, content(signature))).toBe(false);
  });
});
