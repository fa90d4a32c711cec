import { defineConfig } from 'vitest/config';
import { Sgp33AllureReporter } from '../../reports/allure/vitest-reporter.js';
import { RunStore } from '../../src/engine/run-store.js';

const run = RunStore.open(process.env['SGP33_TEST_STORE'] ?? '').info();

export default defineConfig({
  test: {
    include: ['test/reports/live.fixture.ts'],
    reporters: [new Sgp33AllureReporter(process.env['SGP33_TEST_RESULTS'] ?? '', run)],
  },
});
