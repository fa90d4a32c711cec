/** Child processes whose module lies beside the one that starts them. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageRoot } from '../protocol/package-root.js';

/**
 * Forks `NAME.js`, or from source (tests, tsx) `NAME.ts`. Node 20 needs a loader for that, which takes longer to start
 * than the module: where SGP33_BUILT says that `dist/` was made from these very sources, the module is taken from there.
 * @param caller the `import.meta.url` of the module beside it.
 */
export function forkBeside(
  caller: string,
  name: string,
  args: readonly string[],
  options: ForkOptions,
): ChildProcess {
  if (!caller.endsWith('.ts')) return fork(new URL(`./${name}.js`, caller), args, options);
  const folder = fileURLToPath(new URL('.', caller));
  if (process.env['SGP33_BUILT'] === '1') {
    const root = packageRoot();
    return fork(join(root, 'dist', relative(root, folder), `${name}.js`), args, options);
  }
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return fork(join(folder, `${name}.ts`), args, { ...options, execArgv: ['--import', loader] });
}
