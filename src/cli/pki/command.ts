/** The command `sgp33 pki`. */
import type { Command } from 'commander';
import type { PkiExportOptions } from '../commands/pki-export.js';

/** @param finish gets the exit code of the command. */
export function addPki(sgp33: Command, finish: (code: number) => void): void {
  sgp33
    .command('pki')
    .description('certificates and keys of the simulated parties')
    .command('export')
    .description('write what an IPAd and its eUICC have to know of the eIMs that the tool plays')
    .requiredOption('-t, --target <file>', 'target file of the IPAd, with names and addresses of the eIMs')
    .requiredOption('--out <folder>', 'where the files go')
    .option('--trust <kind>', 'trustedPublicKeyDataTls: ca, certificate, public-key or intermediate-ca', 'ca')
    .option('--force', 'replace files that are there')
    .action(async (options: PkiExportOptions) => {
      const { pkiExportCommand } = await import('../commands/pki-export.js');
      finish(pkiExportCommand(options));
    });
}
