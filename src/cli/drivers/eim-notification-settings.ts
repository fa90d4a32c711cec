/** The listener that plays the SM-DP+. */
import { asMap, asText, find, need, onlyKeys, SuiteError, type YNode } from '../../engine/yaml/nodes.js';
import { identityOf } from './certificate-settings.js';
import type { EimNotificationSettings } from './eim-settings-types.js';
import { flagOf, textOf } from './settings.js';

export const NOTIFICATIONS_KEYS = ['listen', 'address', 'plain', 'tls'] as const;

/** `{ listen: HOST:PORT, address: FQDN, tls: { certificate, privateKey }, plain }` */
export function notificationsOf(n: YNode, folder: string): EimNotificationSettings {
  const m = asMap(n, 'notifications');
  onlyKeys(m, NOTIFICATIONS_KEYS, 'notifications');
  const listen = need(m, 'listen', 'notifications');
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(asText(listen, 'listen'));
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw new SuiteError('driver-setting', `'${asText(listen, 'listen')}' is no listen`, listen.place, {
      expected: 'HOST:PORT',
    });
  const tls = find(m, 'tls');
  const plain = flagOf(m, 'plain') ?? false;
  if (plain && tls !== undefined)
    throw new SuiteError('driver-setting', 'plain HTTP has no certificate', tls.place, {
      expected: 'tls or plain',
    });
  const address = textOf(m, 'address');
  return {
    host: (match[1] ?? '').replace(/^\[|\]$/g, ''),
    port,
    ...(tls === undefined ? {} : { tls: identityOf(asMap(tls, 'tls'), folder) }),
    plain,
    ...(address === undefined ? {} : { address }),
  };
}
