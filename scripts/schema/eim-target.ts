/** JSON Schema of the drivers that reach an eIM. */
import { MANAGEMENT_OPERATIONS } from '../../drivers/eim-contract.js';
import { ORDER_STATUSES } from '../../drivers/management/check-facts.js';
import { BUILT_IN_EIM_KEYS, JSON_ERROR_FORMS } from '../../src/cli/drivers/built-in-eim-settings.js';
import { IDENTITY_KEYS } from '../../src/cli/drivers/certificate-settings.js';
import { PATHS_KEYS, PSK_KEYS, TLS_VERSIONS } from '../../src/cli/drivers/eim-channel-settings.js';
import { DEVICE_KEYS, DEVICES_KEYS } from '../../src/cli/drivers/eim-device-settings.js';
import { EIM_IN_PROCESS_KEYS, EIM_IN_PROCESS_OPTIONS } from '../../src/cli/drivers/eim-in-process-driver.js';
import { NOTIFICATIONS_KEYS } from '../../src/cli/drivers/eim-notification-settings.js';
import {
  EIM_BINDINGS,
  EIM_COAP_KEYS,
  EIM_HTTPS_KEYS,
  EIM_TRUST_KEYS,
} from '../../src/cli/drivers/eim-settings.js';
import {
  CALL_KEYS,
  COMMAND_KEYS,
  HTTP_CALL_KEYS,
  METHODS,
  PROMPT_KEYS,
  REFUSED_KEYS,
  UNTIL_KEYS,
} from '../../src/cli/drivers/management-calls.js';
import {
  MANAGEMENT_HTTP_KEYS,
  MANAGEMENT_KEYS,
  MANAGEMENT_TRUST_KEYS,
  OPERATION_KEYS,
} from '../../src/cli/drivers/management-settings.js';
import { anything, described, listOf, mapOf, oneWordOf, scalar, text, type Schema } from './parts.js';

const oneOrMore = (schema: Schema): Schema => ({ oneOf: [schema, listOf(schema)] });
const namesTo = (schema: Schema): Schema => ({ type: 'object', additionalProperties: schema });
const placeholders = described(scalar, 'text with {placeholders}; see docs/management-api.md');
const path = described(text, 'like body.results[0].code|hex');
const flag: Schema = { type: ['boolean', 'string'], enum: [true, false, 'true', 'false'] };
const number = described(scalar, 'a whole number');
const file = described(text, 'path of a file, relative to this one');

const bind = namesTo(
  described(anything, 'a path into the answer, { from, map, default }, { each, of } or { text }'),
);

const callKeys: Readonly<Record<string, Schema>> = {
  http: mapOf(HTTP_CALL_KEYS, {
    method: oneWordOf(METHODS),
    path: described(anything, 'behind the base URL; text with {placeholders}, or { choose, of }'),
    query: namesTo(placeholders),
    headers: namesTo(placeholders),
    json: described(anything, 'texts with {placeholders}, lists, maps, { each, of }, { choose, of }'),
    form: namesTo(placeholders),
  }),
  command: mapOf(COMMAND_KEYS, {
    run: { ...listOf(placeholders), minItems: 1 },
    shell: text,
    env: namesTo(placeholders),
    timeoutMs: number,
  }),
  prompt: mapOf(PROMPT_KEYS, { say: placeholders, ask: namesTo(placeholders) }, ['say']),
  accepted: oneOrMore(scalar),
  refused: mapOf(REFUSED_KEYS, {
    status: oneOrMore(scalar),
    exitCode: oneOrMore(scalar),
    from: path,
    is: oneOrMore(scalar),
    reason: path,
  }),
  bind,
  until: mapOf(UNTIL_KEYS, {
    status: oneOrMore(oneWordOf(ORDER_STATUSES)),
    from: path,
    is: oneOrMore(scalar),
    pollMs: number,
    deadlineMs: number,
  }),
};

const operationSchema = mapOf([...CALL_KEYS, ...OPERATION_KEYS], {
  ...callKeys,
  steps: { ...listOf({ $ref: '#/definitions/call' }), minItems: 1 },
  answer: described(
    anything,
    'facts of the answer: names to paths, { from, map, default }, { each, of }, { text }',
  ),
});

const operation: Schema = { $ref: '#/definitions/operation' };
const names = MANAGEMENT_OPERATIONS.join('|');

const managementSchema = mapOf(
  MANAGEMENT_KEYS,
  {
    http: mapOf(MANAGEMENT_HTTP_KEYS, {
      url: described(text, 'base URL'),
      headers: namesTo(placeholders),
      trust: mapOf(MANAGEMENT_TRUST_KEYS, { ca: file, insecure: flag }),
      identity: mapOf(IDENTITY_KEYS, { certificate: file, privateKey: file }, IDENTITY_KEYS),
      servername: text,
      deadlineMs: number,
    }),
    operations: {
      type: 'object',
      properties: Object.fromEntries(MANAGEMENT_OPERATIONS.map((name) => [name, operation])),
      patternProperties: { [`^(\\*|\\s*(${names})\\s*(,\\s*(${names})\\s*)+)$`]: operation },
      additionalProperties: false,
      minProperties: 1,
    },
  },
  ['operations'],
);

const eid: Schema = { type: 'string', pattern: '^\\d{32}$' };

const devices: Schema = mapOf(DEVICES_KEYS, {
  concurrent: number,
  list: listOf({
    oneOf: [
      eid,
      mapOf(
        DEVICE_KEYS,
        { eid, personalisation: file, certificate: file, privateKey: file, eumCertificate: file },
        ['eid'],
      ),
    ],
  }),
});

const common: Readonly<Record<string, Schema>> = {
  url: described(text, 'https://HOST:PORT or coaps://HOST:PORT'),
  binding: oneWordOf(EIM_BINDINGS),
  servername: text,
  trust: {
    oneOf: EIM_TRUST_KEYS.map((key) => mapOf([key], { [key]: key === 'none' ? flag : file }, [key])),
  },
  paths: mapOf(PATHS_KEYS, { asn1: text, json: text }),
  deadlineMs: number,
  ciphers: listOf(text),
  devices,
  notifications: mapOf(
    NOTIFICATIONS_KEYS,
    {
      listen: described(text, 'HOST:PORT'),
      address: described(text, 'FQDN under which the eIM finds it'),
      plain: flag,
      tls: mapOf(IDENTITY_KEYS, { certificate: file, privateKey: file }, IDENTITY_KEYS),
    },
    ['listen'],
  ),
  builtIn: mapOf(BUILT_IN_EIM_KEYS, {
    eimId: text,
    eimFqdn: text,
    signingIdentity: text,
    tlsIdentity: text,
    store: text,
    transactionIds: flag,
    indirectProfileDownload: flag,
    autoRefresh: flag,
    refuseNeedless: flag,
    jsonErrorForm: oneWordOf(JSON_ERROR_FORMS),
    http2: flag,
    separate: flag,
  }),
  management: { $ref: '#/definitions/management' },
};

/** What the schemas of the drivers refer to. */
export const eimDefinitions: Schema = {
  management: managementSchema,
  operation: operationSchema,
  call: mapOf(CALL_KEYS, callKeys),
};

/** One schema a driver. */
export const eimDrivers: readonly Schema[] = [
  mapOf(
    EIM_HTTPS_KEYS,
    {
      ...common,
      kind: { const: 'eim-https' },
      contentType: text,
      adminProtocol: text,
      userAgent: text,
      headers: namesTo(scalar),
      http2: flag,
      plainHttp: flag,
      tlsVersions: listOf(oneWordOf(TLS_VERSIONS)),
    },
    ['kind'],
  ),
  mapOf(
    EIM_COAP_KEYS,
    {
      ...common,
      kind: { const: 'eim-coap' },
      contentFormat: described(scalar, 'a number, or none'),
      psk: mapOf(PSK_KEYS, { identity: text, key: described(text, 'hex, or {env.NAME}') }, PSK_KEYS),
      groups: listOf(text),
      plain: flag,
      https: described(text, 'https://HOST:PORT of the same eIM'),
    },
    ['kind'],
  ),
  mapOf(
    EIM_IN_PROCESS_KEYS,
    {
      kind: { const: 'eim-in-process' },
      devices,
      builtIn: mapOf(EIM_IN_PROCESS_OPTIONS, {
        eimId: text,
        eimFqdn: text,
        signingIdentity: text,
        transactionIds: flag,
        indirectProfileDownload: flag,
        autoRefresh: flag,
        refuseNeedless: flag,
      }),
    },
    ['kind'],
  ),
];
