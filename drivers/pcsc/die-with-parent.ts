/** Linux only: the kernel ends this process when the one that started it dies, even in the middle of a native call. */
import { createRequire } from 'node:module';

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/**
 * Whether from now on the kernel kills this process with its parent, `parent` by its process id; false where that can
 * not be had. Then nothing may block the event loop, which is what notices the parent's end otherwise.
 */
export function dieWithParent(parent: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const prctl = koffi
      .load(null)
      .func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
    // A parent that died before the call sends no signal any more.
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) === 0 && process.ppid === parent;
  } catch {
    return false;
  }
}
