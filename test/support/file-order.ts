/** The order in which test files begin, so that all workers end at about the same time. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Whatever begins last decides when everything ends: these take longest. */
const FIRST = [
  'test/drivers/pcsc.pcscd.test.ts',
  'test/cli/teeth/command.test.ts',
  'test/cli/run.test.ts',
  'test/cli/package.test.ts',
  'test/engine/hostile-cards.test.ts',
  'test/simulators/eim/two-hundred-devices.test.ts',
];

export class FileOrder extends BaseSequencer {
  /**
   * Files that share the one smart card service of the machine wait for each other, and mostly for that service: the
   * longest is the very first, the others are spread over the second half, so that they seldom meet.
   */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = FIRST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? FIRST.length : at;
    };
    sorted.sort((a, b) => rank(a) - rank(b));
    const service = sorted.filter((file) => file.project.name === 'pcscd' && rank(file) === FIRST.length);
    const others = sorted.filter((file) => !service.includes(file));
    const half = Math.floor(others.length / 2);
    for (const [index, file] of service.entries())
      others.splice(half + Math.floor((index * half) / service.length) + index, 0, file);
    return others;
  }
}
