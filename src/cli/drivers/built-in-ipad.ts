/** How the built-in IPAd is triggered: `sgp33 serve ipad` as a process that is reset after each sequence, told by lines. */
import { parseText, type Template } from '../../../drivers/management/template.js';
import { IPAD_TRIGGERS, type IpadTriggerName } from '../../../drivers/ipad-contract.js';
import type { TriggerMapping, TriggerWay } from '../../../drivers/ipad-trigger/index.js';
import type { IpadCardSettings } from './ipad-settings.js';

export interface BuiltInIpadOptions {
  /** Further options of `sgp33 serve ipad`. */
  readonly options: readonly string[];
  readonly transport: 'https' | 'coap';
  readonly binding: 'asn1' | 'json';
  readonly sgp32Version: string;
  readonly card: IpadCardSettings | undefined;
  readonly eim2: boolean;
  readonly injection: boolean;
  readonly defects: readonly string[];
}

/** Milliseconds that suit a device on this very machine. */
const TIMINGS = [
  ...['--deadline-ms', '1500', '--retries', '2', '--retry-delay-ms', '40', '--max-retry-delay-ms', '80'],
  ...['--ack-timeout-ms', '100', '--rollback-after-ms', '400', '--card-deadline-ms', '1500'],
];

/** Options of `sgp33 serve ipad`, with `{name}` for what a trigger knows. */
export function builtInIpadArguments(given: BuiltInIpadOptions): string[] {
  const { options, transport, binding, sgp32Version, card, eim2, injection, defects } = given;
  return [
    ...['--sgp32-version', sgp32Version, '--binding', binding],
    ...['--transports', transport === 'coap' ? 'coaps' : 'https'],
    ...(card?.kind === 'vpcd' ? ['--reader', '{reader}'] : ['--card', 'tcp:127.0.0.1:{cardPort}']),
    ...['--resolve', '{eimFqdn}={eimAddress}'],
    ...(eim2 ? ['--resolve', '{eim2Fqdn}={eim2Address}'] : []),
    ...(injection ? ['--inject', '127.0.0.1:{injectionPort}'] : []),
    ...['--boot', 'start-up', '--wait', '--initial-eim', 'hex:{eimConfigurationData}'],
    ...TIMINGS,
    ...options,
    ...defects.flatMap((name) => ['--defect', name]),
  ];
}

/** @param program the command line of this tool, behind the name of Node. */
export function builtInIpadTriggers(program: readonly string[], given: BuiltInIpadOptions): TriggerMapping {
  const line = [process.execPath, ...program, 'serve', 'ipad', ...builtInIpadArguments(given)];
  // The state file outlives a process, and a device that acts by itself is another one for each sequence.
  const kept = !given.options.some((option) => STANDING.includes(option));
  const ways = IPAD_TRIGGERS.map((name): [IpadTriggerName, TriggerWay] => [name, wayOf(name)]);
  return {
    process: {
      run: line.map(template),
      env: [],
      lifetime: 'sequence',
      graceMs: 500,
      ready: /^ready$/m,
      ...(kept ? { reset: { text: 'reset\n', done: /^done reset$/m } } : {}),
      readyMs: 20_000,
    },
    triggers: new Map(ways),
  };
}

const STANDING = ['--state', '--every'];

/** It says when it has done what it was told. */
function wayOf(name: IpadTriggerName): TriggerWay {
  if (name === 'stop') return { kind: name };
  return { kind: 'stdin', text: template(`${name}\n`), done: new RegExp(`^(done|failed) ${name}\\b.*`, 'm') };
}

const template = (text: string): Template => parseText(text);
