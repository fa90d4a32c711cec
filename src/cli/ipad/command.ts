/** The command `sgp33 serve ipad`. */
import type { Command } from 'commander';
import { addIpadOptions } from './command-options.js';
import type { ServeIpadCommandOptions } from './options.js';

/** @param finish gets the exit code of the command. */
export function addServeIpad(serve: Command, finish: (code: number) => void): void {
  const ipad = serve
    .command('ipad')
    .description('the built-in IPAd: a device with an eUICC that speaks to its eIMs');
  addIpadOptions(ipad);
  ipad.action(async (options: ServeIpadCommandOptions) => {
    const { serveIpadCommand } = await import('../commands/serve-ipad.js');
    finish(await serveIpadCommand(options));
  });
}
