/** allure-vitest's reporter, set up for this suite. It runs in vitest's main process. */
import { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import AllureVitestReporter from 'allure-vitest/reporter';
import type { Vitest } from 'vitest/node';
import type { RunInfo } from '../../src/engine/result.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { categories } from './categories.js';
import { environmentInfo } from './environment.js';
import { storedVerdictListener } from './listener.js';
import { UnflushedWriter } from './writer.js';

/**
 * A reporter for vitest's `reporters`. Its results are those of `reportLive`: the stored verdict and reason in
 * place of what vitest makes of the thrown error.
 */
export class Sgp33AllureReporter extends AllureVitestReporter {
  readonly #resultsDir: string;

  /** @param run for `environment.properties`; what is read from the IUT only later is missing there. */
  constructor(resultsDir: string, run?: RunInfo) {
    super({
      resultsDir,
      categories: [...categories],
      listeners: [storedVerdictListener],
      // The steps are those of the sequence, not vitest's own expectations.
      reportMatchers: false,
      ...(run === undefined ? {} : { environmentInfo: environmentInfo(run) }),
    });
    this.#resultsDir = resultsDir;
  }

  /** @throws {Sgp33Error} `allure-runtime` when allure-vitest is not the known version. */
  override onInit(vitest: Vitest): void {
    super.onInit(vitest);
    const runtime: unknown = Reflect.get(this, 'allureReporterRuntime');
    if (!(runtime instanceof ReporterRuntime))
      throw new Sgp33Error('allure-runtime', 'allure-vitest is not as known', {
        expected: 'a ReporterRuntime of allure-js-commons',
        repair: 'Install the versions that package-lock.json names: npm ci.',
      });
    runtime.writer = new UnflushedWriter(this.#resultsDir);
  }
}
