/** The command line: arguments in, exit code out. */
import { CommanderError } from 'commander';
import { SuiteErrors } from '../engine/suite-errors.js';
import { Sgp33Error } from '../protocol/errors.js';
import { printError } from './output.js';
import { program } from './program.js';

export const EXIT_USAGE = 2;
export const EXIT_TOOL = 4;

/**
 * Runs one command. Never rejects.
 * @returns 0 to 4 or 130: see `exitCode`; 2 for wrong usage or configuration, 4 for a fault of the tool itself.
 */
export async function cli(args: readonly string[]): Promise<number> {
  let code = 0;
  const commands = program((done) => (code = done));
  try {
    await commands.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof SuiteErrors) {
      for (const one of error.errors) printError(`error: ${one.message} [${one.code}]`);
      return EXIT_USAGE;
    }
    if (error instanceof Sgp33Error) {
      printError(`error: ${error.message} [${error.code}]`);
      return EXIT_USAGE;
    }
    printError(
      `error: this is a fault of sgp33 itself [tool]\n${error instanceof Error ? (error.stack ?? '') : String(error)}`,
    );
    return EXIT_TOOL;
  }
}
