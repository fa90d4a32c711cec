/** The eIM made of software that a target starts. */
import { resolve } from 'node:path';
import { asMap, onlyKeys, type YNode } from '../../engine/yaml/nodes.js';
import type { BuiltInEimSettings } from './eim-settings-types.js';
import { flagOf, textOf, wordOf } from './settings.js';

export const BUILT_IN_EIM_KEYS = [
  ...['eimId', 'eimFqdn', 'signingIdentity', 'tlsIdentity', 'store', 'transactionIds'],
  ...['indirectProfileDownload', 'autoRefresh', 'refuseNeedless', 'jsonErrorForm', 'http2', 'separate'],
] as const;
export const JSON_ERROR_FORMS = ['header', 'body'] as const;

/** @throws {SuiteError} */
export function builtInOf(n: YNode, folder: string): BuiltInEimSettings {
  const m = asMap(n, 'builtIn');
  onlyKeys(m, BUILT_IN_EIM_KEYS, 'builtIn');
  const store = textOf(m, 'store');
  const values = {
    eimId: textOf(m, 'eimId'),
    eimFqdn: textOf(m, 'eimFqdn'),
    signingIdentity: textOf(m, 'signingIdentity'),
    tlsIdentity: textOf(m, 'tlsIdentity'),
    store: store === undefined ? undefined : resolve(folder, store),
    transactionIds: flagOf(m, 'transactionIds'),
    indirectProfileDownload: flagOf(m, 'indirectProfileDownload'),
    autoRefresh: flagOf(m, 'autoRefresh'),
    refuseNeedless: flagOf(m, 'refuseNeedless'),
    jsonErrorForm: wordOf(m, 'jsonErrorForm', JSON_ERROR_FORMS),
    http2: flagOf(m, 'http2'),
    separate: flagOf(m, 'separate'),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
