/**
 * The IPAd path with the built-in IPAd in a process of its own: how much of a sequence's time the tool takes (with the eIM
 * and the eUICC that it plays), and how much it waits for the device.
 */
import { targetFile } from '../src/cli/load.js';
import { planRun, sessionFor } from '../src/cli/run/plan-run.js';
import { runSequence } from '../src/engine/run-sequence.js';
import { median, type BenchResult } from './support/measure.js';

const IDS = ['TC_IPAd_GetEimPackage_Nominal#01', 'TC_IPAd_EuiccPackage_Nominal#01'];
const WARM_UP = 10;
const ROUNDS = 40;

export async function run(): Promise<BenchResult[]> {
  const planned = planRun({ target: targetFile('builtin-ipad'), filter: { ids: IDS }, defects: [] });
  const session = sessionFor(planned);
  const results: BenchResult[] = [];
  try {
    for (const { sequence } of planned.planned) {
      const [whole, own]: [number[], number[]] = [[], []];
      for (let round = -WARM_UP; round < ROUNDS; round++) {
        const [began, before] = [performance.now(), process.cpuUsage()];
        const { result } = await runSequence(sequence, session);
        const { user, system } = process.cpuUsage(before);
        if (result.verdict !== 'PASS') throw new Error(`${sequence.id}: ${result.verdict}`);
        if (round < 0) continue;
        whole.push(performance.now() - began);
        own.push((user + system) / 1000);
      }
      const [all, ours] = [median(whole), median(own)];
      results.push({
        name: `time that the tool computes, of a sequence on the built-in IPAd: ${sequence.id}`,
        value: `${((100 * ours) / all).toFixed(0)} % (${ours.toFixed(1)} ms of ${all.toFixed(1)} ms; the rest waits for the device)`,
        goal: 'none',
        ok: true,
      });
    }
  } finally {
    await session.driver.close();
  }
  return results;
}
