/** Keys of the driver `ipad` of a target, checked and read. Opens nothing. */
import type { TriggerMapping } from '../../../drivers/ipad-trigger/index.js';
import { targetFolder, type Target } from '../../engine/load-target.js';
import { asMap, find, need, onlyKeys, SuiteError, type YMap, type YNode } from '../../engine/yaml/nodes.js';
import { certificatesFile } from './certificate-settings.js';
import { notificationsOf } from './eim-notification-settings.js';
import type { EimNotificationSettings } from './eim-settings-types.js';
import { triggersOf } from './ipad-triggers-notation.js';
import { flagOf, formOf, numberOf, textOf, textsOf, wordOf } from './settings.js';

export const IPAD_KEYS = [
  ...['kind', 'transport', 'binding', 'builtIn', 'card', 'eim', 'eim2', 'notifications', 'injection'],
  ...['patienceMs', 'quietMs'],
  'triggers',
] as const;
export const IPAD_TRANSPORTS = ['https', 'coap'] as const;
export const IPAD_BINDINGS = ['asn1', 'json'] as const;
export const IPAD_CARD_KEYS = ['kind', 'host', 'port', 'reader', 'protocol', 'personalisation'] as const;
export const IPAD_CARDS = ['socket', 'vpcd', 'real'] as const;
export const IPAD_INJECTION_KEYS = ['url', 'servername', 'ca'] as const;
export const IPAD_EIM_KEYS = ['host', 'port', 'name', 'http2'] as const;
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

export interface IpadCardSettings {
  readonly kind: 'socket' | 'vpcd';
  readonly host?: string;
  readonly port?: number;
  /** Name of the PC/SC reader, for the device to be told. */
  readonly reader?: string;
  readonly protocol?: 'T=0' | 'T=1';
  readonly personalisation?: string;
}

export interface IpadEimSettings {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly http2: boolean;
}

/** Where the device takes packages that an eIM injects. */
export interface IpadInjectionSettings {
  /** `http://` or `https://`; undefined for the built-in device, which is told a port. */
  readonly url: string | undefined;
  readonly servername?: string;
  /** PEM; without it any certificate is taken. */
  readonly ca?: string;
}

export interface IpadSettings {
  readonly transport: 'https' | 'coap';
  readonly binding: 'asn1' | 'json';
  /** Options of `sgp33 serve ipad`, where the device is the built-in one. */
  readonly builtIn: readonly string[] | undefined;
  /** Undefined: the device has a real eUICC. */
  readonly card: IpadCardSettings | undefined;
  readonly eim: IpadEimSettings;
  readonly eim2: IpadEimSettings | undefined;
  readonly notifications: EimNotificationSettings | undefined;
  readonly injection: IpadInjectionSettings | undefined;
  readonly patienceMs: number;
  readonly quietMs: number;
  /** Undefined for the built-in device. */
  readonly triggers: TriggerMapping | undefined;
}

/** @throws {SuiteError} for each mistake, with file:line:column. */
export function ipadSettings(
  target: Target,
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): IpadSettings {
  const { settings: m } = target.driver;
  onlyKeys(m, IPAD_KEYS, 'the driver ipad');
  const folder = targetFolder(target, root);
  const builtInNode = find(m, 'builtIn');
  const builtIn = builtInNode === undefined ? undefined : builtInOf(builtInNode);
  const card = find(m, 'card');
  const transport = wordOf(m, 'transport', IPAD_TRANSPORTS) ?? 'https';
  const binding = wordOf(m, 'binding', IPAD_BINDINGS) ?? 'asn1';
  if (binding === 'json' && transport === 'coap')
    throw new SuiteError('driver-setting', 'CoAP carries no JSON', find(m, 'binding')?.place ?? m.place, {
      expected: 'asn1',
    });
  const notifications = find(m, 'notifications');
  return {
    transport,
    binding,
    builtIn,
    card: cardOf(card, m, builtIn !== undefined),
    eim: eimOf(find(m, 'eim'), 'testeim1.example.com'),
    eim2: find(m, 'eim2') === undefined ? undefined : eimOf(find(m, 'eim2'), 'testeim2.example.com'),
    notifications: notifications === undefined ? undefined : notificationsOf(notifications, folder),
    injection: injectionOf(find(m, 'injection'), folder, builtIn !== undefined),
    patienceMs: numberOf(m, 'patienceMs', 1, 3_600_000) ?? 30_000,
    quietMs: numberOf(m, 'quietMs', 1, 600_000) ?? 2_000,
    triggers:
      builtIn === undefined
        ? triggersOf(need(m, 'triggers', 'the driver ipad'), { folder, env, settings: settingsOf(target) })
        : undefined,
  };
}

const settingsOf = (target: Target): Record<string, string> =>
  Object.fromEntries(
    [...target.settings].flatMap(([name, n]) => (n.kind === 'scalar' ? [[name, n.text]] : [])),
  );

function builtInOf(node: YNode): readonly string[] {
  const m = asMap(node, 'builtIn');
  onlyKeys(m, ['options'], 'builtIn');
  return textsOf(m, 'options') ?? [];
}

function cardOf(node: YNode | undefined, driver: YMap, builtIn: boolean): IpadCardSettings | undefined {
  if (node === undefined) {
    if (builtIn) return { kind: 'socket' };
    throw new SuiteError('missing-key', "the driver ipad has no 'card'", driver.place, {
      expected: 'kind: socket, vpcd, or real for an eUICC of its own',
    });
  }
  const m = asMap(node, 'card');
  onlyKeys(m, IPAD_CARD_KEYS, 'card');
  const kind = wordOf(m, 'kind', IPAD_CARDS);
  if (kind === undefined)
    throw new SuiteError('missing-key', "the card has no 'kind'", m.place, {
      expected: IPAD_CARDS.join(', '),
    });
  if (kind === 'real') return undefined;
  const host = textOf(m, 'host');
  const port = numberOf(m, 'port', 1, 65_535);
  const reader = textOf(m, 'reader');
  const protocol = wordOf(m, 'protocol', ['T=0', 'T=1'] as const);
  const personalisation = textOf(m, 'personalisation');
  return {
    kind,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(reader === undefined ? {} : { reader }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(personalisation === undefined ? {} : { personalisation }),
  };
}

function injectionOf(
  node: YNode | undefined,
  folder: string,
  builtIn: boolean,
): IpadInjectionSettings | undefined {
  if (node === undefined) return undefined;
  const m = asMap(node, 'injection');
  onlyKeys(m, IPAD_INJECTION_KEYS, 'injection');
  const url = formOf(m, 'url', /^https?:\/\/[^/]+\/?$/, 'http://HOST:PORT or https://HOST:PORT');
  if (url === undefined && !builtIn)
    throw new SuiteError('missing-key', "the injection has no 'url'", m.place, {
      expected: 'where the device takes packages: https://HOST:PORT',
    });
  const servername = textOf(m, 'servername');
  const ca = find(m, 'ca');
  return {
    url,
    ...(servername === undefined ? {} : { servername }),
    ...(ca === undefined ? {} : { ca: certificatesFile(ca, folder) }),
  };
}

function eimOf(node: YNode | undefined, otherwise: string): IpadEimSettings {
  const m = node === undefined ? undefined : asMap(node, 'eim');
  if (m !== undefined) onlyKeys(m, IPAD_EIM_KEYS, 'eim');
  return {
    host: (m && textOf(m, 'host')) ?? '127.0.0.1',
    port: (m && numberOf(m, 'port', 1, 65_535)) ?? 0,
    name: (m && formOf(m, 'name', HOST_NAME, 'a host name')) ?? otherwise,
    http2: (m && flagOf(m, 'http2')) ?? false,
  };
}
