/** The options of `sgp33 serve ipad`. */
import { Command } from 'commander';
import type { ServeIpadCommandOptions } from './options.js';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

export function addIpadOptions(ipad: Command): void {
  for (const add of [cardOptions, triggerOptions, networkOptions, behaviourOptions, timeOptions]) add(ipad);
  ipad
    .option('--defect <name>', 'seeded defect, repeatable', collect, [])
    .option('--verbose', 'a line for each thing that happens');
}

/** @throws {CommanderError} for an option that is none. */
export function parseIpadArguments(line: readonly string[]): ServeIpadCommandOptions {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addIpadOptions(command);
  return command.parse([...line], { from: 'user' }).opts<ServeIpadCommandOptions & Record<string, unknown>>();
}

function cardOptions(ipad: Command): void {
  ipad
    .option('--card <card>', 'tcp:HOST:PORT, where a card listens, or built-in (default)')
    .option('--reader <name>', 'PC/SC reader in place of --card')
    .option('--personalisation <file>', 'of the built-in card: YAML file with profiles and so on')
    .option('--card-state <file>', 'keep the state of the built-in card in this file')
    .option('--pki <folder>', 'certificates and keys of the built-in card')
    .option('--terminal-profile <profile>', 'refresh, no-refresh, none, or hex', 'refresh')
    .option('--terminal-capability <template>', 'hex of the template A9, or none')
    .option('--block-size <bytes>', 'of STORE DATA', '255');
}

function triggerOptions(ipad: Command): void {
  ipad
    .option('--once <trigger>', 'do one thing and end; without it the device goes on and reads triggers')
    .option('--every <ms>', 'poll by itself, so long after each poll')
    .option('--boot <what>', 'what a start does: poll, or start-up (the eUICC is read)', 'poll')
    .option('--wait', 'begin with nothing: the start is a trigger like any other')
    .option('--state <file>', 'what the IPAd remembers; without it all ends with the process')
    .option('--inject <host:port>', 'take packages from eIMs there')
    .option('--inject-tls <cert,key>', 'PEM files: HTTPS in place of HTTP for --inject');
}

function networkOptions(ipad: Command): void {
  ipad
    .option('--sgp32-version <version>', '1.2 or 1.0.1', '1.2')
    .option('--binding <binding>', 'of HTTPS: asn1 or json', 'asn1')
    .option('--transports <names>', 'what the device speaks, most wanted first', 'https,coaps')
    .option('--resolve <name=host:port>', 'where the server of that name is, repeatable', collect, [])
    .option(
      '--trust <file>',
      'PEM of a CA, for eIMs without an anchor and for receivers, repeatable',
      collect,
      [],
    )
    .option('--user-agent <text>', 'of HTTP; default gsma-rsp-ipad')
    .option('--max-body-bytes <n>', 'of an answer', '1048576');
}

function behaviourOptions(ipad: Command): void {
  ipad
    .option('--result-by <function>', 'provide (ProvideEimPackageResult) or notification', 'provide')
    .option('--no-bundle', 'Notifications follow a result one by one')
    .option('--no-eid-in-results', 'results have no eidValue')
    .option('--notifications <way>', 'eim, or direct: to the receiver by ES9+', 'eim')
    .option('--receiver-binding <binding>', 'of ES9+.HandleNotification: json or asn1', 'json')
    .option('--rplmn <digits>', 'MCC and MNC of the network of the last registration')
    .option('--refresh-flag <boolean>', 'of functions that switch Profiles', 'true')
    .option('--no-rollback', 'no ProfileRollback')
    .option('--memory-reset <options>', 'what memoryReset resets', 'deleteOperationalProfiles')
    .option('--initial-eim <file>', 'EimConfigurationData for addInitialEim, or hex:...')
    .option('--fallback-after <n>', 'cycles without any eIM before the fallback; 0: never', '0')
    .option('--device-id <text>', 'another one than last time is a device change')
    .option('--no-poll-after-change', 'a local function is not followed by a poll')
    .option('--max-packages <n>', 'in one cycle', '50');
}

function timeOptions(ipad: Command): void {
  ipad
    .option('--card-deadline-ms <n>', 'for an answer of the card', '5000')
    .option('--deadline-ms <n>', 'for a connection and an answer', '10000')
    .option('--retries <n>', 'how often a message is sent again', '3')
    .option('--retry-delay-ms <n>', 'before a message is sent again; doubles each time', '1000')
    .option('--max-retry-delay-ms <n>', 'no wait is longer', '60000')
    .option(
      '--max-asked-delay-ms <n>',
      'a server that asks to wait longer is left for the next cycle',
      '60000',
    )
    .option('--ack-timeout-ms <n>', 'over CoAP, before the first retransmission', '2000')
    .option('--rollback-after-ms <n>', 'how long the eIM may be away after enable', '30000');
}
