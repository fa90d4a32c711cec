/** Every command with its options. */
import { Command } from 'commander';
import { runCommand, type RunOptions } from './commands/run.js';
import { teethCommand, type TeethOptions } from './commands/teeth.js';
import { DEFAULT_TARGET } from './load.js';
import { toolVersion } from './version.js';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** @param finish gets the exit code of the command. */
export function program(finish: (code: number) => void): Command {
  const sgp33 = new Command('sgp33')
    .description('SGP.33-style conformance test suite for GSMA SGP.32 (eSIM IoT)')
    .version(toolVersion())
    .showSuggestionAfterError()
    .exitOverride();

  sgp33
    .command('run')
    .description('run sequences on a target; the last line counts the verdicts')
    .argument('[ids...]', 'ids or globs: TC_eUICC_ESep.Enable, "TC_eUICC_ESep.*", "*#01"')
    .option('-t, --target <file>', 'target file, or the name of one that comes with sgp33', DEFAULT_TARGET)
    .option('--clause <text>', 'only sequences with a requirement of this clause, "5.9.1"')
    .option('--interface <name>', 'only this interface: ES10b, ESep ...')
    .option('--provenance <word>', 'only published, derived or interop')
    .option('--allow <changes>', 'what may be changed, in place of what the target allows: profiles,eim-configuration')
    .option('--defect <name>', 'seeded defect of a built-in target, repeatable', collect, [])
    .option('--out <folder>', 'where the results go, default runs/<time>')
    .option('--no-html', 'make no HTML report')
    .option('--junit <file>', 'make a JUnit XML report')
    .option('-y, --yes', 'consent to what can not be restored')
    .action(async (ids: string[], options: RunOptions) => finish(await runCommand(ids, options)));

  sgp33
    .command('teeth')
    .description('show that each sequence fails on the seeded defects that it names, and on no other')
    .option('--defect <name>', 'only this defect, repeatable', collect, [])
    .option('--json', 'print the matrix as JSON')
    .option('--jobs <n>', 'worker threads', '2')
    .action(async (options: TeethOptions) => finish(await teethCommand(options)));

  return sgp33;
}
