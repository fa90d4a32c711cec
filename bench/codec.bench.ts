/** The codec against asn1js and against a walk that knows no types: decode and encode, the same bytes, one run. */
import * as asn1js from 'asn1js';
import { decode, encode, type Asn1Type } from '../src/protocol/asn1/index.js';
import {
  EuiccPackageResult,
  ProfileInfoListResponse,
  RetrieveNotificationsListResponse,
} from '../src/protocol/types/index.js';
import { walk, write } from './support/bare-tlv.js';
import { compare, type BenchResult } from './support/measure.js';

const filled = (length: number, octet: number): Uint8Array => new Uint8Array(length).fill(octet);

const profileInfo = (i: number): ProfileInfoListResponse => ({
  profileInfoListOk: [
    {
      iccid: filled(10, i & 0xff),
      isdpAid: filled(16, 0xa0),
      profileState: i & 1,
      profileNickname: 'nickname',
      serviceProviderName: 'Service Provider',
      profileName: 'A profile name',
      profileClass: 2,
      notificationConfigurationInfo: [
        {
          profileManagementOperation: { bytes: Uint8Array.of(0x80), unusedBits: 7 },
          notificationAddress: 'smdp.example.com',
        },
      ],
      profileOwner: { mccMnc: filled(3, 0x21) },
    },
  ],
});

/** Two Profiles: 266 bytes, 35 elements. */
const profileList: ProfileInfoListResponse = {
  profileInfoListOk: [1, 2].flatMap((i) => profileInfo(i).profileInfoListOk ?? []),
};

/** A result of many operations: small elements, the worst case for a decoder that knows types. */
const packageResult: EuiccPackageResult = {
  euiccPackageResultSigned: {
    euiccPackageResultDataSigned: {
      eimId: 'eim.example.com',
      counterValue: 77,
      seqNumber: 5,
      euiccResult: Array.from({ length: 740 }, (_, i) =>
        i % 2 === 0 ? { enableResult: 0 } : { listProfileInfoResult: profileInfo(i) },
      ),
    },
    euiccSignEPR: filled(64, 0x55),
  },
};

/** Notifications with their certificates: mostly bytes that are not looked into. */
const notifications: RetrieveNotificationsListResponse = {
  notificationList: Array.from({ length: 36 }, (_, i) => ({
    otherSignedNotification: {
      tbsOtherNotification: {
        seqNumber: i,
        profileManagementOperation: { bytes: Uint8Array.of(0x40), unusedBits: 6 },
        notificationAddress: 'smdp.example.com',
        iccid: filled(10, 0x98),
      },
      euiccNotificationSignature: filled(64, 0x55),
      euiccCertificate: certificate(520),
      eumCertificate: certificate(620),
    },
  })),
};

/** A SEQUENCE of OCTET STRINGs, of about the size of a certificate. */
function certificate(size: number): Uint8Array {
  const part = Uint8Array.of(0x04, 0x20, ...filled(0x20, 0x11));
  const parts = Array.from({ length: Math.floor(size / part.length) }, () => [...part]).flat();
  return Uint8Array.of(0x30, 0x82, parts.length >> 8, parts.length & 0xff, ...parts);
}

/** eslint can not know that asn1js wants an ArrayBuffer of exactly the message. */
const exactBuffer = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;

function bench<T>(name: string, type: Asn1Type<T>, value: T): BenchResult[] {
  const bytes = encode(type, value);
  const buffer = exactBuffer(bytes);
  const check = decode(type, bytes);
  if (!check.ok || Buffer.compare(encode(type, check.value as T), bytes) !== 0)
    throw new Error(`${name}: the bench does not measure a clean round trip`);
  const time = compare({
    ours: () => encode(type, decode(type, bytes).value as T),
    bare: () => write(bytes, walk(bytes)),
    asn1js: () => asn1js.fromBER(buffer).result.toBER(),
  });
  const label = `${name}, ${bytes.length} bytes, ${time.ours.toFixed(1)} us`;
  const faster = time.asn1js / time.ours;
  const slower = time.ours / time.bare;
  return [
    { name: `${label}: times faster than asn1js`, value: faster.toFixed(1), goal: '> 20', ok: faster > 20 },
    { name: `${label}: times a bare TLV walk`, value: slower.toFixed(2), goal: '< 5', ok: slower < 5 },
  ];
}

export const run = (): Promise<BenchResult[]> =>
  Promise.resolve([
    ...bench('ProfileInfoListResponse', ProfileInfoListResponse, profileList),
    ...bench('EuiccPackageResult', EuiccPackageResult, packageResult),
    ...bench('RetrieveNotificationsListResponse', RetrieveNotificationsListResponse, notifications),
  ]);
