/** Keys of the drivers `eim-https` and `eim-coap` of a target, checked and read. Opens nothing. */
import { targetFolder, type Target } from '../../engine/load-target.js';
import { asMap, find, onlyKeys, SuiteError, type YMap } from '../../engine/yaml/nodes.js';
import { builtInOf } from './built-in-eim-settings.js';
import { coapOf, COAP_ONLY, HTTPS_ONLY, httpsOf } from './eim-channel-settings.js';
import { devicesOf } from './eim-device-settings.js';
import { notificationsOf } from './eim-notification-settings.js';
import type { EimDriverSettings, EimKind, EimTrust } from './eim-settings-types.js';
import { EIM_KINDS } from './eim-settings-types.js';
import { certificateDer, certificatesFile, publicKeyFile } from './certificate-settings.js';
import { managementOf } from './management-settings.js';
import { flagOf, oneKeyOf, urlOf, wordOf } from './settings.js';

export type * from './eim-settings-types.js';
export { EIM_KINDS } from './eim-settings-types.js';

/** Keys of both drivers, and those that only one has. */
export const EIM_KEYS = [
  ...['kind', 'url', 'binding', 'servername', 'trust', 'paths', 'deadlineMs', 'ciphers'],
  ...['devices', 'notifications', 'builtIn', 'management'],
] as const;
export const EIM_HTTPS_KEYS = [...EIM_KEYS, ...HTTPS_ONLY] as const;
export const EIM_COAP_KEYS = [...EIM_KEYS, ...COAP_ONLY] as const;
export const EIM_BINDINGS = ['asn1', 'json'] as const;
export const EIM_TRUST_KEYS = ['ca', 'publicKey', 'certificate', 'none'] as const;

/**
 * @param root relative to which the target file is named.
 * @param env where `{env.NAME}` is looked up.
 * @throws {SuiteError} for each mistake with file:line:column: `unknown-key`, `driver-setting`, `missing-key`,
 *   `certificate-malformed`, `pki-mismatch`, `file-not-readable`, and those of `managementOf`.
 */
export function eimSettings(
  target: Target,
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): EimDriverSettings {
  const { settings: m } = target.driver;
  const kind = EIM_KINDS.find((k) => k === target.driver.kind);
  if (kind === undefined)
    throw new SuiteError('unknown-driver', `'${target.driver.kind}' reaches no eIM`, m.place);
  onlyKeys(m, kind === 'eim-https' ? EIM_HTTPS_KEYS : EIM_COAP_KEYS, `the driver ${kind}`);
  const folder = targetFolder(target, root);
  const builtInNode = find(m, 'builtIn');
  const builtIn = builtInNode === undefined ? undefined : builtInOf(builtInNode, folder);
  const managementNode = find(m, 'management');
  if (managementNode === undefined && builtIn === undefined)
    throw new SuiteError('missing-key', `the driver ${kind} has no 'management'`, m.place, {
      expected: 'how the management API of the eIM is used, or builtIn',
      repair: 'See docs/management-api.md.',
    });
  const https = httpsOf(m, kind, env);
  const coap = coapOf(m, kind, env);
  const notifications = find(m, 'notifications');
  const trust = find(m, 'trust');
  return {
    kind,
    url: channelUrl(m, kind, (https.plainHttp ?? coap.plain) === true, builtIn !== undefined),
    httpsUrl: kind === 'eim-coap' ? hostUrl(m, 'https', ['https:']) : undefined,
    binding: bindingOf(m, kind),
    trust: trust === undefined ? undefined : trustOf(asMap(trust, 'trust'), folder),
    https,
    coap,
    devices: devicesOf(find(m, 'devices'), folder),
    notifications: notifications === undefined ? undefined : notificationsOf(notifications, folder),
    management:
      managementNode === undefined
        ? undefined
        : managementOf(managementNode, {
            folder,
            env,
            settings: textsOfSettings(target),
            hasBaseUrl: builtIn !== undefined,
          }),
    builtIn,
  };
}

const textsOfSettings = (target: Target): Record<string, string> =>
  Object.fromEntries(
    [...target.settings].flatMap(([name, n]) => (n.kind === 'scalar' ? [[name, n.text]] : [])),
  );

function bindingOf(m: YMap, kind: EimKind): 'asn1' | 'json' {
  const binding = wordOf(m, 'binding', EIM_BINDINGS) ?? 'asn1';
  if (binding === 'json' && kind === 'eim-coap')
    throw new SuiteError('driver-setting', 'CoAP carries no JSON', find(m, 'binding')?.place ?? m.place, {
      expected: 'asn1',
    });
  return binding;
}

function channelUrl(m: YMap, kind: EimKind, plain: boolean, builtIn: boolean): string | undefined {
  const [secure, open] = kind === 'eim-https' ? ['https:', 'http:'] : ['coaps:', 'coap:'];
  const url = hostUrl(m, 'url', plain ? [secure, open] : [secure]);
  if (url !== undefined || builtIn) return url;
  throw new SuiteError('missing-key', `the driver ${kind} has no 'url'`, m.place, {
    expected: `${secure}//HOST:PORT`,
  });
}

/** A URL that names a host and nothing more. */
function hostUrl(m: YMap, key: string, schemes: readonly [string, ...string[]]): string | undefined {
  const text = urlOf(m, key, schemes);
  if (text === undefined) return undefined;
  const { pathname, search, hash, username } = new URL(text);
  if (/^\/?$/.test(pathname) && `${search}${hash}${username}` === '') return text.replace(/\/$/, '');
  throw new SuiteError('driver-setting', `'${text}' says more than a host`, find(m, key)?.place ?? m.place, {
    expected: `${schemes[0]}//HOST:PORT`,
    repair: 'Another path than that of SGP.32 goes into `paths`.',
  });
}

function trustOf(m: YMap, folder: string): EimTrust {
  const key = oneKeyOf(m, EIM_TRUST_KEYS, 'trust') as (typeof EIM_TRUST_KEYS)[number];
  const value = find(m, key) ?? m;
  switch (key) {
    case 'ca':
      return { ca: certificatesFile(value, folder) };
    case 'publicKey':
      return { pinnedSpki: publicKeyFile(value, folder) };
    case 'certificate':
      return { pinnedCertificate: certificateDer(value, folder) };
    case 'none':
      if (flagOf(m, 'none') === true) return { none: true };
      throw new SuiteError('driver-setting', 'trust needs one way', value.place, { expected: 'none: true' });
  }
}
