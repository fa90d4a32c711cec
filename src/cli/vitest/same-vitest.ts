/**
 * npm may put allure-vitest, for which any vitest will do, beside another vitest than ours. Inside the worker it must
 * be the same module, or its runner extends that of another version.
 */
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Arguments of node for the worker; none when allure-vitest finds our vitest by itself. */
export function workerArguments(): string[] {
  const ours = createRequire(import.meta.url);
  const theirs = createRequire(ours.resolve('allure-vitest/reporter'));
  if (found(theirs) === found(ours)) return [];
  const suffix = extname(fileURLToPath(import.meta.url));
  return ['--import', new URL(`./redirect${suffix}`, import.meta.url).href];
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
