import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { FileOrder } from './test/support/file-order.js';

const PCSCD = 'test/**/*.pcscd.test.ts';
const BROWSER = 'test/**/*.browser.test.ts';

/** `npm test` has just built the tool: what tests start as a process of its own need not be translated anew each time. */
const env: Record<string, string> = process.env['npm_lifecycle_event'] === 'test' ? { SGP33_BUILT: '1' } : {};

/**
 * Three projects, side by side: `unit` needs nothing but Node, `pcscd` a smart card daemon (its files wait for each
 * other: its socket and ports are the machine's), `browser` a Chromium. The last two skip visibly where that is missing,
 * and fail instead when SGP33_REQUIRE names them.
 */
export default defineConfig({
  test: {
    // One more than the machine has cores: many tests wait for a reader or for a deadline.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: FileOrder },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [PCSCD, BROWSER],
          testTimeout: 30_000,
          env,
        },
      },
      {
        test: {
          name: 'pcscd',
          include: [PCSCD],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env,
        },
      },
      {
        test: {
          name: 'browser',
          include: [BROWSER],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env,
        },
      },
    ],
  },
});
