/** Allure 3's report generator, found beside our own dependency `allure`, whatever the working folder. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { categoryRules } from './categories.js';

/** The part of `@allurereport/core` that is used here. */
interface Report {
  start(): Promise<void>;
  readDirectory(folder: string): Promise<void>;
  done(): Promise<void>;
}

interface Core {
  AllureReport: new (config: object) => Report;
  resolveConfig(config: object, override: object): Promise<object>;
}

interface Awesome {
  default: new (options: object) => object;
}

/**
 * Writes `index.html` with everything in it into `output`, from a folder of allure-results.
 * @throws {Sgp33Error} `report-generator` when the generator is missing or is not the known one.
 */
export async function generate(resultsDir: string, output: string, name: string): Promise<void> {
  const core = await load('@allurereport/core', isCore);
  const awesome = await load('@allurereport/plugin-awesome', isAwesome);
  const options = {
    reportName: name,
    singleFile: true,
    reportLanguage: 'en',
    groupBy: ['epic', 'feature', 'story'],
  };
  // An empty plugin list keeps resolveConfig from adding plugins of its own choice (one writes beside the report).
  const config = await core.resolveConfig(
    { name, output, categories: categoryRules, appendHistory: false },
    { plugins: {}, cwd: output },
  );
  const plugins = [{ id: 'awesome', enabled: true, options, plugin: new awesome.default(options) }];
  const report = new core.AllureReport({ ...config, plugins });
  await report.start();
  await report.readDirectory(resultsDir);
  await report.done();
}

async function load<T>(name: string, known: (module: unknown) => module is T): Promise<T> {
  let module: unknown;
  try {
    const allure = createRequire(import.meta.url).resolve('allure');
    const file = createRequire(allure).resolve(name);
    module = await import(pathToFileURL(file).href);
  } catch (cause) {
    throw missing(name, cause);
  }
  if (!known(module)) throw missing(name, undefined);
  return module;
}

const missing = (name: string, cause: unknown): Sgp33Error =>
  new Sgp33Error('report-generator', `${name} can not be used`, {
    expected: 'the package allure, version 3',
    ...(cause instanceof Error ? { actual: cause.message, cause } : {}),
    repair: 'Install the dependencies again: npm ci.',
  });

const has = (module: unknown, name: string): boolean =>
  typeof module === 'object' && module !== null && typeof Reflect.get(module, name) === 'function';

const isCore = (module: unknown): module is Core =>
  has(module, 'AllureReport') && has(module, 'resolveConfig');
const isAwesome = (module: unknown): module is Awesome => has(module, 'default');
