/**
 * Which JSON member stands for which element of an ESipa message (SGP.32 6.4.1). Only the outermost SEQUENCE or
 * CHOICE is described: what lies inside travels as base64 of its DER, right or wrong.
 */
import type { Sgp32Version } from '../types/versions.js';

/** The functions of ESipa that an IPA calls; the last part of the path of each. */
export const ESIPA_FUNCTIONS = [
  'initiateAuthentication',
  'authenticateClient',
  'getBoundProfilePackage',
  'getEimPackage',
  'provideEimPackageResult',
  'handleNotification',
  'cancelSession',
] as const;
export type EsipaFunction = (typeof ESIPA_FUNCTIONS)[number];

/** How the bytes of an element become a JSON value. */
export type Coding =
  /** Base64 of the whole TLV, under the tag of its own type. */
  | 'der'
  /** Base64 of what the element's (explicit) tag holds: one TLV. */
  | 'content'
  /** Base64 of the TLV; the bare contents are taken as well (both are seen). */
  | 'tlv'
  /** Base64 of the contents. */
  | 'octets'
  /** Upper-case hex of the contents. */
  | 'hex'
  /** 32 digits. */
  | 'eid'
  | 'text'
  | 'number'
  /** NULL is `true`. */
  | 'flag';

export interface Member {
  readonly name: string;
  /** On the wire; undefined takes any element that no other member takes (an untagged CHOICE). */
  readonly tag: number | undefined;
  readonly coding: Coding;
  readonly optional?: true;
  /** Tags that the DER in the JSON may begin with; by default `tag`. The first replaces `tag` for `der`. */
  readonly own?: readonly number[];
}

/** One SEQUENCE, or one CHOICE of which exactly one member is there. */
export interface Shape {
  readonly kind: 'sequence' | 'choice';
  readonly members: readonly Member[];
}

export interface RequestShape extends Shape {
  readonly tag: number;
}

/** The answer: either arms with a tag of their own, or members directly in the outer tag. */
export interface AnswerShape {
  readonly tag: number;
  /** First that fits is taken; a shape without tag stands directly in the outer tag. */
  readonly arms: readonly (Shape & { readonly tag: number | undefined })[];
  /** Tag of the error code; undefined: the ASN.1 has no error (v1.0.1). */
  readonly error: number | undefined;
  /** DER that stands for a success without members. */
  readonly empty?: Uint8Array;
}

const TRANSACTION: Member = { name: 'transactionId', tag: 0x80, coding: 'hex' };
const OPTIONAL_TRANSACTION: Member = { ...TRANSACTION, optional: true };
const EID: Member = { name: 'eidValue', tag: 0x5a, coding: 'eid' };
const PENDING: readonly number[] = [0xbf37, 0x30, 0xa0, 0xa1];

const rPlmn = (tag: number): Member => ({ name: 'rPlmn', tag, coding: 'octets', optional: true });

function requestShapes(version: Sgp32Version): Readonly<Record<EsipaFunction, RequestShape>> {
  const old = version === '1.0.1';
  const sequence = (tag: number, ...members: Member[]): RequestShape => ({ kind: 'sequence', tag, members });
  return {
    initiateAuthentication: sequence(
      0xbf39,
      { name: 'euiccChallenge', tag: 0x81, coding: 'octets' },
      { name: 'smdpAddress', tag: 0x83, coding: 'text', optional: true },
      { name: 'euiccInfo1', tag: 0xbf20, coding: 'der', optional: true },
      ...(old ? [] : [{ ...OPTIONAL_TRANSACTION, name: 'eimTransactionId', tag: 0x82 }]),
    ),
    authenticateClient: sequence(0xbf3b, TRANSACTION, {
      name: 'authenticateServerResponse',
      tag: 0xbf38,
      coding: 'der',
    }),
    getBoundProfilePackage: sequence(0xbf3a, TRANSACTION, {
      name: 'prepareDownloadResponse',
      tag: 0xbf21,
      coding: 'der',
    }),
    cancelSession: sequence(0xbf41, TRANSACTION, {
      // A1 replaces BF41 in the message (automatic tag); on its own the type keeps its tag.
      name: 'cancelSessionResponse',
      tag: 0xa1,
      coding: 'der',
      own: [0xbf41],
    }),
    getEimPackage: sequence(
      0xbf4f,
      EID,
      { name: 'notifyStateChange', tag: 0x80, coding: 'flag', optional: true },
      ...(old
        ? [rPlmn(0x81)]
        : [{ name: 'stateChangeCause', tag: 0x81, coding: 'number', optional: true } as const, rPlmn(0x82)]),
    ),
    provideEimPackageResult: sequence(0xbf50, ...(old ? [] : [{ ...EID, optional: true } as const]), {
      name: 'eimPackageResult',
      tag: undefined,
      coding: 'der',
      own: [0xbf51, 0x30, 0xbf52, 0xbf54, old ? 0x02 : 0xa0],
    }),
    handleNotification: {
      kind: 'choice',
      tag: 0xbf3d,
      members: [
        { name: 'pendingNotification', tag: 0xa0, coding: 'content', own: PENDING },
        {
          name: 'provideEimPackageResult',
          tag: old ? 0xa1 : 0xbf50,
          coding: 'der',
          own: [0xbf50],
        },
      ],
    },
  };
}

type AnswerFunction = Exclude<EsipaFunction, 'handleNotification'>;

function answerShapes(version: Sgp32Version): Readonly<Record<AnswerFunction, AnswerShape>> {
  const old = version === '1.0.1';
  const arm = (tag: number | undefined, ...members: Member[]): AnswerShape['arms'][number] => ({
    kind: 'sequence',
    tag,
    members,
  });
  const eimPackages: Member[] = [
    { name: 'euiccPackageRequest', tag: 0xbf51, coding: 'der' },
    { name: 'ipaEuiccDataRequest', tag: 0xbf52, coding: 'der' },
    { name: 'profileDownloadTriggerRequest', tag: 0xbf54, coding: 'der' },
  ];
  return {
    initiateAuthentication: {
      tag: 0xbf39,
      error: 0x81,
      arms: [
        arm(
          0xa0,
          OPTIONAL_TRANSACTION,
          { name: 'serverSigned1', tag: 0x30, coding: 'der' },
          { name: 'serverSignature1', tag: 0x5f37, coding: 'tlv' },
          {
            name: old ? 'euiccCiPKIdToBeUsed' : 'euiccCiPKIdentifierToBeUsed',
            tag: 0x04,
            coding: 'tlv',
          },
          { name: 'serverCertificate', tag: 0x30, coding: 'der' },
          { name: 'matchingId', tag: 0x0c, coding: 'text', optional: true },
          { name: 'ctxParams1', tag: 0xa2, coding: 'content', own: [0xa0], optional: true },
        ),
      ],
    },
    authenticateClient: {
      tag: 0xbf3b,
      error: 0x82,
      arms: [
        arm(
          0xa0,
          OPTIONAL_TRANSACTION,
          { name: 'profileMetadata', tag: 0xbf25, coding: 'der', optional: true },
          { name: 'smdpSigned2', tag: 0x30, coding: 'der' },
          { name: 'smdpSignature2', tag: 0x5f37, coding: 'tlv' },
          { name: 'smdpCertificate', tag: 0x30, coding: 'der' },
          { name: 'hashCc', tag: 0x04, coding: 'tlv', optional: true },
        ),
        arm(0xa1, TRANSACTION, {
          name: 'profileDownloadTrigger',
          tag: 0xbf54,
          coding: 'der',
          optional: true,
        }),
      ],
    },
    getBoundProfilePackage: {
      tag: 0xbf3a,
      error: 0x81,
      arms: [arm(0xa0, OPTIONAL_TRANSACTION, { name: 'boundProfilePackage', tag: 0xbf36, coding: 'der' })],
    },
    cancelSession: { tag: 0xbf41, error: 0x81, arms: [], empty: Uint8Array.of(0xa0, 0) },
    getEimPackage: {
      tag: 0xbf4f,
      error: 0x02,
      arms: [{ kind: 'choice', tag: undefined, members: eimPackages }],
    },
    provideEimPackageResult: {
      tag: 0xbf50,
      error: old ? undefined : 0x02,
      arms: [arm(undefined, { name: 'eimAcknowledgements', tag: 0xbf53, coding: 'der', optional: true })],
      empty: old ? new Uint8Array(0) : Uint8Array.of(0x30, 0),
    },
  };
}

export const REQUESTS: Readonly<Record<Sgp32Version, Readonly<Record<EsipaFunction, RequestShape>>>> = {
  '1.0.1': requestShapes('1.0.1'),
  '1.2': requestShapes('1.2'),
};

const ANSWERS: Readonly<Record<Sgp32Version, Readonly<Record<AnswerFunction, AnswerShape>>>> = {
  '1.0.1': answerShapes('1.0.1'),
  '1.2': answerShapes('1.2'),
};

export const isEsipaFunction = (name: string): name is EsipaFunction =>
  (ESIPA_FUNCTIONS as readonly string[]).includes(name);

/** Undefined for handleNotification, which is answered without a message. */
export const answerShape = (version: Sgp32Version, name: EsipaFunction): AnswerShape | undefined =>
  name === 'handleNotification' ? undefined : ANSWERS[version][name];
