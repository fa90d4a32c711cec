/** Every command with its options. What a command needs is loaded when it is called. */
import { Command } from 'commander';
import type { ExplainOptions } from './commands/explain.js';
import type { ListOptions } from './commands/list.js';
import type { ReadersOptions } from './commands/readers.js';
import type { ReportOptions } from './commands/report.js';
import type { RunOptions } from './commands/run.js';
import type { ServeEimCommandOptions } from './commands/serve-eim.js';
import type { ServeEuiccOptions } from './commands/serve.js';
import type { TeethOptions } from './commands/teeth.js';
import { addServeIpad } from './ipad/command.js';
import { addPki } from './pki/command.js';
import { DEFAULT_TARGET } from './default-target.js';
import { toolVersion } from './version.js';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** @param finish gets the exit code of the command. */
export function program(finish: (code: number) => void): Command {
  const sgp33 = new Command('sgp33')
    .description('SGP.33-style conformance test suite for GSMA SGP.32 (eSIM IoT)')
    .version(toolVersion())
    .showSuggestionAfterError()
    .exitOverride();

  addRun(sgp33, finish);
  addReading(sgp33, finish);
  addServing(sgp33, finish);
  addPki(sgp33, finish);
  addTeeth(sgp33, finish);
  return sgp33;
}

type Finish = (code: number) => void;

function addRun(sgp33: Command, finish: Finish): void {
  sgp33
    .command('run')
    .description('run sequences on a target; the last line counts the verdicts')
    .argument('[ids...]', 'ids or globs: TC_eUICC_ESep.Enable, "TC_eUICC_ESep.*", "*#01"')
    .option(
      '-t, --target <file>',
      `target file, or the name of one that comes with sgp33, repeatable; default ${DEFAULT_TARGET}`,
      collect,
      [],
    )
    .option('--clause <text>', 'only sequences with a requirement of this clause, "5.9.1"')
    .option('--interface <name>', 'only this interface: ES10b, ESep ...')
    .option('--provenance <word>', 'only published, derived or interop')
    .option(
      '--allow <changes>',
      'what may be changed, in place of what the target allows: profiles,eim-configuration',
    )
    .option('--defect <name>', 'seeded defect of a built-in target, repeatable', collect, [])
    .option('--out <folder>', 'where the results go, default runs/<time>')
    .option('--no-html', 'make no HTML report')
    .option('--junit <file>', 'make a JUnit XML report')
    .option('-y, --yes', 'consent to what can not be restored')
    .action(async (ids: string[], options: RunOptions) => {
      const { runCommand } = await import('./commands/run.js');
      finish(await runCommand(ids, options));
    });
}

function addReading(sgp33: Command, finish: Finish): void {
  sgp33
    .command('list')
    .description('list sequences')
    .argument('[ids...]', 'ids or globs')
    .option('--json', 'an array with one object a sequence')
    .option('-t, --target <file>', 'say which of them apply to this target')
    .action(async (ids: string[], options: ListOptions) => {
      const { listCommand } = await import('./commands/list.js');
      finish(listCommand(ids, options));
    });

  sgp33
    .command('explain')
    .description('show a sequence as a table, and why it applies or not')
    .argument('<ids...>', 'ids or globs')
    .option('-t, --target <file>', 'target file', DEFAULT_TARGET)
    .action(async (ids: string[], options: ExplainOptions) => {
      const { explainCommand } = await import('./commands/explain.js');
      finish(explainCommand(ids, options));
    });

  sgp33
    .command('validate')
    .description('check test cases and targets without running them')
    .argument('[files...]', 'test cases, folders of them, or targets; default: those of sgp33')
    .action(async (files: string[]) => {
      const { validateCommand } = await import('./commands/validate.js');
      finish(validateCommand(files));
    });

  sgp33
    .command('readers')
    .description('list the PC/SC readers and their cards')
    .option('--json', 'as JSON')
    .action(async (options: ReadersOptions) => {
      const { readersCommand } = await import('./commands/readers.js');
      finish(await readersCommand(options));
    });

  sgp33
    .command('report')
    .description('make reports again from the results of a run')
    .argument('<store>', 'folder below runs/')
    .option('--html <file>', 'Allure report in one HTML file')
    .option('--junit <file>', 'JUnit XML')
    .option('--allure-results <folder>', 'raw results for other Allure tools')
    .action(async (store: string, options: ReportOptions) => {
      const { reportCommand } = await import('./commands/report.js');
      finish(await reportCommand(store, options));
    });
}

function addServing(sgp33: Command, finish: Finish): void {
  const serve = sgp33.command('serve').description('run a simulator as a program of its own');
  serve
    .command('euicc')
    .description('S_eUICC as a card in a virtual PC/SC reader (vpcd)')
    .option('--vpcd <host:port>', 'where the virtual reader listens', '127.0.0.1:35963')
    .option('--protocol <protocol>', 'T=0 or T=1; the personalisation decides otherwise')
    .option('--state <file>', 'keep the state of the card in this file')
    .option('--control <address>', 'control socket for personalisation: a path or 127.0.0.1:PORT')
    .option('--personalisation <file>', 'YAML file with profiles, eIMs and so on')
    .option('--pki <folder>', 'certificates and keys')
    .option('--defect <name>', 'seeded defect, repeatable', collect, [])
    .action(async (options: ServeEuiccOptions) => {
      const { serveEuiccCommand } = await import('./commands/serve.js');
      finish(await serveEuiccCommand(options));
    });

  serve
    .command('eim')
    .description('S_eIM: ESipa over HTTPS and over CoAP/DTLS, with a management API')
    .option('--https <host:port>', 'ESipa over HTTPS; without any listener named: 127.0.0.1:8443')
    .option('--coaps <host:port>', 'ESipa over CoAP and DTLS')
    .option('--psk <identity:hex>', 'pre-shared key for CoAP/DTLS, beside the certificate')
    .option('--api <host:port>', 'management API, plain HTTP; without any listener named: 127.0.0.1:8080')
    .option('--store <folder>', 'keep the state in this folder; without it all ends with the process')
    .option('--sgp32-version <version>', '1.2 or 1.0.1', '1.2')
    .option('--eim-id <id>', 'eimId; default testeim1')
    .option('--eim-fqdn <name>', 'eimFqdn that is told to eUICCs; default the name in the certificate')
    .option('--tls-identity <name>', 'name of the server certificate in the PKI folder', 'EIM_TLS')
    .option('--signing-identity <name>', 'name of the key that signs packages')
    .option('--pki <folder>', 'certificates and keys')
    .option('--resolve <name=host:port>', 'where the SM-DP+ of that name is, repeatable', collect, [])
    .option('--smdp-plain', "ES9+' over plain HTTP")
    .option('--transaction-ids <boolean>', 'false: packages carry no eimTransactionId', 'true')
    .option('--http2', 'offer HTTP/2 by ALPN')
    .option('--strict-host', 'refuse requests for another host than the one in the certificate')
    .option('--defect <name>', 'seeded defect, repeatable', collect, [])
    .option('--verbose', 'a line for each request')
    .action(async (options: ServeEimCommandOptions) => {
      const { serveEimCommand } = await import('./commands/serve-eim.js');
      finish(await serveEimCommand(options));
    });

  addServeIpad(serve, finish);
}

function addTeeth(sgp33: Command, finish: Finish): void {
  sgp33
    .command('teeth')
    .description('show that each sequence fails on the seeded defects that it names, and on no other')
    .argument('[ids...]', 'ids or globs')
    .option('--defect <name>', 'only this defect, repeatable', collect, [])
    .option('-t, --target <name>', 'only this built-in target, repeatable', collect, [])
    .option('--all', 'every seeded defect, also those that no sequence names')
    .option(
      '--full',
      'also the sequences that never make the IUT ask for the defect, which can not notice it',
    )
    .option('--json', 'print the matrix as JSON')
    .option('--jobs <n>', 'worker threads', '2')
    .action(async (ids: string[], options: TeethOptions) => {
      const { teethCommand } = await import('./commands/teeth.js');
      finish(await teethCommand(ids, options));
    });
}
