/** What was tested and with what, for `environment.properties`. */
import type { RunInfo } from '../../src/engine/result.js';
import { redactSetting } from '../redact.js';
import { clip, oneLine } from '../text.js';

const LIMIT = 400;

/** Name to value: the tool, the target, what the IUT said of itself, the declared options, seeded defects. */
export function environmentInfo(run: RunInfo): Record<string, string> {
  const { target } = run;
  const facts: [string, string][] = [
    ['Tool', `${run.tool.name} ${run.tool.version}`],
    ['Run', run.id],
    ['Started', run.startedAt],
    ['Target', target.name],
    ['IUT', target.iut],
    ['Driver', target.driver],
    ['SGP.32', target.sgp32Version],
    ['SGP.22', target.sgp22Version],
    ...Object.entries(run.identity).map(([name, value]): [string, string] => [
      name,
      redactSetting(name, value),
    ]),
    ...Object.entries(run.options).map(([name, value]): [string, string] => [name, value ? 'yes' : 'no']),
    ['Allowed', run.allow.join(', ') || 'nothing'],
    ...(run.defects.length === 0 ? [] : [['Defects', run.defects.join(', ')] satisfies [string, string]]),
  ];
  return Object.fromEntries(facts.map(([name, value]) => [key(name), clip(oneLine(value), LIMIT)]));
}

/** A properties file ends its keys at blanks, and a first `#` or `!` would begin a comment. */
const key = (name: string): string =>
  oneLine(name)
    .trim()
    .replace(/[\s=:]+/g, '_')
    .replace(/^[#!]/, '_');
