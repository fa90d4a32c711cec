import { defineConfig } from 'vitest/config';

const PCSCD = 'test/**/*.pcscd.test.ts';
const BROWSER = 'test/**/*.browser.test.ts';

/**
 * Three projects, one after another: `unit` needs nothing but Node, `pcscd` a smart card daemon (one at a time: its
 * socket and ports are the machine's), `browser` a Chromium. The last two skip visibly where that is missing, and
 * fail instead when SGP33_REQUIRE names them.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [PCSCD, BROWSER],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'pcscd',
          include: [PCSCD],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: [BROWSER],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
