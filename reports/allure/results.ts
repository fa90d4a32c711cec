/** Allure results made from stored sequences, without a test framework. */
import { mkdirSync } from 'node:fs';
import { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import type { RunInfo } from '../../src/engine/result.js';
import { Sgp33Error } from '../../src/protocol/errors.js';
import { MessageRecorder } from './calls.js';
import { categories } from './categories.js';
import { environmentInfo } from './environment.js';
import { storedVerdictListener } from './listener.js';
import { reportSequence, type StoredSequence } from './sequence.js';
import { UnflushedWriter } from './writer.js';

/** Writes one folder of allure-results. @throws {Sgp33Error} `report-write` when the folder can not be written. */
export class AllureResults {
  readonly #runtime: ReporterRuntime;
  readonly #folder: string;

  constructor(folder: string, run: RunInfo) {
    this.#folder = folder;
    this.#runtime = new ReporterRuntime({
      writer: new UnflushedWriter(folder),
      listeners: [storedVerdictListener],
      categories: [...categories],
      environmentInfo: environmentInfo(run),
    });
    this.#guard(() => {
      mkdirSync(folder, { recursive: true });
      this.#runtime.writeCategoriesDefinitions();
      this.#runtime.writeEnvironmentInfo();
    });
  }

  add(stored: StoredSequence): void {
    const recorder = new MessageRecorder();
    reportSequence(recorder, stored);
    this.#guard(() => {
      const uuid = this.#runtime.startTest({ name: stored.result.id });
      this.#runtime.applyRuntimeMessages(uuid, recorder.messages);
      this.#runtime.stopTest(uuid);
      this.#runtime.writeTest(uuid);
    });
  }

  #guard(write: () => void): void {
    try {
      write();
    } catch (cause) {
      throw new Sgp33Error('report-write', 'the Allure results can not be written', {
        place: this.#folder,
        cause,
        actual: cause instanceof Error ? cause.message : String(cause),
        repair: 'Check the free space and the rights of the folder.',
      });
    }
  }
}
