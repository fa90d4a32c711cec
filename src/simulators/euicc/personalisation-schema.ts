/** The form of a personalisation: of the YAML file, and of the parameters of the personaliser's actions. */
import { z } from 'zod';
import { EVENTS, POLICY_RULES, PROFILE_CLASSES } from './state.js';

/** YAML is read with every scalar a string; JSON brings numbers and booleans. */
const number = z
  .union([z.number(), z.string().regex(/^(\d+|0[xX][0-9a-fA-F]+)$/, 'not a number')])
  .transform(Number)
  .pipe(z.int().min(0));
const boolean = z.union([
  z.boolean(),
  z
    .string()
    .regex(/^(true|false|TRUE|FALSE)$/, 'not true or false')
    .transform((text) => text.toLowerCase() === 'true'),
]);
const hex = z
  .string()
  .regex(/^([0-9a-fA-F]{2})*$/, 'not hex')
  .transform((text) => text.toUpperCase());
const version = z
  .string()
  .regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/, 'not a version of the form 1.2.0')
  .transform((text) =>
    text
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase(),
  );

/** 32 digits. */
const eid = z.string().regex(/^\d{32}$/, 'not an EID of 32 digits');

/** 18 to 20 digits, or the 10 bytes of EF_ICCID in hex, which begin with 98. */
export const iccid = z
  .string()
  .regex(
    /^(89\d{16,18}|98[0-9a-fA-F]{18})$/,
    'not an ICCID: 18 to 20 digits from 89, or 10 bytes in hex from 98',
  )
  .transform((text) => (text.startsWith('98') ? text : swapNibbles(text.padEnd(20, 'F'))).toUpperCase());

const swapNibbles = (digits: string): string => digits.replace(/(.)(.)/g, '$2$1');

const operatorId = z.strictObject({ mccMnc: hex, gid1: hex.optional(), gid2: hex.optional() });

export const rat = z.array(
  z.strictObject({
    pprIds: z.array(z.enum(POLICY_RULES)),
    allowedOperators: z.array(operatorId),
    consentRequired: boolean.default(false),
  }),
);

const profileFields = {
  isdpAid: hex.optional(),
  profileState: z.enum(['disabled', 'enabled']).default('disabled'),
  profileNickname: z.string().max(64).optional(),
  serviceProviderName: z.string().max(32).default('SP Name'),
  profileName: z.string().max(64).default('Operational Profile Name'),
  iconType: z.enum(['jpg', 'png']).optional(),
  icon: hex.optional(),
  profileClass: z.enum(PROFILE_CLASSES).default('operational'),
  notificationConfigurationInfo: z
    .array(
      z.strictObject({
        profileManagementOperation: z.array(z.enum(EVENTS)),
        notificationAddress: z.string(),
      }),
    )
    .default([]),
  profileOwner: operatorId.optional(),
  dpOid: hex.optional(),
  profilePolicyRules: z.array(z.enum(POLICY_RULES)).default([]),
  ecallIndication: boolean.default(false),
  fallbackAttribute: boolean.default(false),
  fallbackAllowed: boolean.default(false),
  httpParams: hex.optional(),
  origin: z.enum(['preloaded', 'field']).default('field'),
};

/** A Profile in the file: installed from the start, or only known by name for `install-profile`. */
export const profile = z.strictObject({
  ...profileFields,
  name: z.string(),
  iccid,
  installed: boolean.default(true),
});

/** All of a Profile may be given to `install-profile`; what is not comes from the file's Profile of that name or ICCID. */
export const profileOverrides = z.strictObject({ ...profileFields, name: z.string(), iccid }).partial();

export const limits = z.strictObject({
  maxCounterValue: number.default(0x7fffff),
  maxEims: number.default(4),
  maxPackageSize: number.default(8192),
  maxResponseSize: number.default(16384),
  maxProfiles: number.default(16),
  channels: number.pipe(z.int().min(1).max(20)).default(4),
});

export const capabilities = z.strictObject({
  svn: version.prefault('2.5.0'),
  profileVersion: version.prefault('2.3.1'),
  euiccFirmwareVer: version.prefault('1.0.0'),
  ts102241Version: version.prefault('15.0.0'),
  globalplatformVersion: version.prefault('2.3.0'),
  ppVersion: version.prefault('1.0.0'),
  sasAcreditationNumber: z.string().max(64).default('SGP33-TEST-0001'),
  uiccCapability: z.array(number).default([0, 1, 2, 4, 5, 6, 8, 9]),
  rspCapability: z.array(number).default([0, 3]),
  treProperties: z.array(number).default([]),
  euiccCategory: number.default(2),
  iotVersion: z.array(version).prefault(['1.2.0']),
  ipaeSupported: boolean.default(false),
  ecallSupported: boolean.default(true),
  fallbackSupported: boolean.default(true),
  immediateEnableSupported: boolean.default(true),
  eimResetSupported: boolean.default(true),
  /** 00 to 06 of the proactive command REFRESH, or 09 (eUICC Profile state change). */
  refreshQualifier: number.pipe(z.int().max(0xff)).default(4),
});

/** The whole file. */
export const personalisation = z.strictObject({
  eid,
  /** Certificates by their names in the PKI folder, highest priority first. */
  ecasd: z
    .array(z.strictObject({ ci: z.string(), eum: z.string(), euicc: z.string() }))
    .min(1)
    .default([
      { ci: 'CI_ECDSA_NIST', eum: 'EUM_ECDSA_NIST', euicc: 'EUICC_ECDSA_NIST' },
      { ci: 'CI_ECDSA_BRP', eum: 'EUM_ECDSA_BRP', euicc: 'EUICC_ECDSA_BRP' },
    ]),
  protocol: z.enum(['T=0', 'T=1']).default('T=0'),
  sgp32Version: z.enum(['1.0.1', '1.2']).default('1.2'),
  defaultDpAddress: z.string().optional(),
  rootDsAddress: z.string(),
  rulesAuthorisationTable: rat.default([]),
  limits: limits.prefault({}),
  capabilities: capabilities.prefault({}),
  profiles: z.array(profile).default([]),
});

export type Personalisation = z.output<typeof personalisation>;
export type PersonalisationInput = z.input<typeof personalisation>;
export type KnownProfile = z.output<typeof profile>;

/** Parameters of each action of the personaliser. */
export const ACTIONS = {
  'install-profile': z.strictObject({ ...profileOverrides.shape, notifications: boolean.optional() }),
  'remove-profile': z.strictObject({ iccid: z.union([iccid, z.literal('all')]) }),
  'set-profile-state': z.strictObject({ iccid, state: z.enum(['disabled', 'enabled']) }),
  'set-limits': limits.partial(),
  'set-capabilities': capabilities.partial(),
  'set-rat': z.strictObject({ rat }),
  'set-default-dp-address': z.strictObject({ address: z.string() }),
  'cat-busy': z.strictObject({ on: boolean.default(true) }),
  'memory-full': z.strictObject({ on: boolean.default(true) }),
  'interrupt-next-package': z.strictObject({ after: number.optional() }),
  'fail-next-operation': z.strictObject({
    code: number.default(127),
    after: number.default(0),
    processingTerminated: boolean.default(false),
  }),
  'fail-next-package': z.strictObject({ code: number.optional(), unsigned: boolean.default(false) }),
  'set-eim': z.strictObject({
    eimId: z.string(),
    counterValue: number.optional(),
    associationToken: number.optional(),
  }),
  'add-eim': z.strictObject({
    eimConfigurationData: hex,
    counterValue: number.optional(),
    associationToken: number.optional(),
  }),
  'remove-eim': z.strictObject({ eimId: z.string() }),
  reset: z.strictObject({}),
} as const;

export type ActionName = keyof typeof ACTIONS;
