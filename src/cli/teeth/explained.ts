/** `suites/explained-kills.yaml`: sequences that FAIL on a defect which they do not name, and why that is right. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../../engine/load-suite.js';
import type { SourcePlace } from '../../engine/result.js';
import { asList, asMap, asText, need, onlyKeys, SuiteError } from '../../engine/yaml/nodes.js';

export const EXPLAINED_FILE = 'suites/explained-kills.yaml';
export const EXPLAINED_KEYS = ['defect', 'sequence', 'why'] as const;

export interface Explained {
  readonly defect: string;
  /** Id of a sequence or a test case, or a glob over either. */
  readonly sequence: string;
  readonly why: string;
  readonly place: SourcePlace;
}

/** Empty when there is no such file. @throws {SuiteError} with the place of a mistake. */
export function loadExplained(root: string): Explained[] {
  const file = join(root, EXPLAINED_FILE);
  if (!existsSync(file)) return [];
  return asList(readYaml(root, file), EXPLAINED_FILE).items.map((item) => {
    const m = asMap(item, 'an explained kill');
    onlyKeys(m, EXPLAINED_KEYS, 'an explained kill');
    const text = (key: string): string => {
      const node = need(m, key, 'an explained kill');
      const value = asText(node, key).trim();
      if (value === '') throw new SuiteError('yaml-shape', `'${key}' is empty`, node.place);
      return value;
    };
    return { defect: text('defect'), sequence: text('sequence'), why: text('why'), place: m.place };
  });
}
