/** `sgp33 report`: reports made again from a run store. */
import { join } from 'node:path';
import { regenerate, type ReportFiles } from '../../../reports/index.js';
import { print } from '../output.js';

export interface ReportOptions {
  readonly html?: string;
  readonly junit?: string;
  readonly allureResults?: string;
}

/** Without an option it makes `report.html` in the store. @returns 0. @throws {Sgp33Error} `run-store`, `report-...`. */
export async function reportCommand(store: string, options: ReportOptions): Promise<number> {
  const { html, junit, allureResults } = options;
  const named: ReportFiles = {
    ...(html === undefined ? {} : { html }),
    ...(junit === undefined ? {} : { junit }),
    ...(allureResults === undefined ? {} : { allureResults }),
  };
  const files = Object.keys(named).length === 0 ? { html: join(store, 'report.html') } : named;
  await regenerate(store, files);
  for (const file of Object.values(files)) print(`wrote ${String(file)}`);
  return 0;
}
