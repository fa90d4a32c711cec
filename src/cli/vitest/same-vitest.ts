/**
 * npm may put allure-vitest, for which any vitest will do, beside another vitest than ours. Inside the worker it must
 * be the same module, or its runner extends that of another version.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Short-lived trees of decoded messages are most of the garbage; more room for them halves the time for it. */
const MEMORY = '--max-semi-space-size=64';

/** Arguments of node for the worker; no import when allure-vitest finds our vitest by itself. */
export function workerArguments(): string[] {
  const ours = createRequire(import.meta.url);
  const theirs = createRequire(ours.resolve('allure-vitest/reporter'));
  if (found(theirs) === found(ours)) return [MEMORY];
  const suffix = extname(fileURLToPath(import.meta.url));
  return [MEMORY, '--import', new URL(`./redirect${suffix}`, import.meta.url).href];
}

function found(from: NodeJS.Require): string | undefined {
  try {
    return from.resolve('vitest/package.json');
  } catch {
    return undefined;
  }
}

/** From where our vitest, and the packages that belong to it, are found. */
export const ourVitest = (): string =>
  pathToFileURL(createRequire(import.meta.url).resolve('vitest/package.json')).href;
