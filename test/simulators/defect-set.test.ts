import { expect, test } from 'vitest';
import { EIM_DEFECTS, createEim } from '../../src/simulators/eim/index.js';
import { SERVE_DEFECTS, serveEim } from '../../src/simulators/eim/serve/index.js';
import { DEFECTS, createEuicc } from '../../src/simulators/euicc/index.js';
import { defectSet, type DefectObserver } from '../../src/simulators/defect-set.js';

class Log implements DefectObserver {
  readonly watched: string[] = [];
  readonly questions: string[] = [];
  watches(names: readonly string[]): void {
    this.watched.push(...names);
  }
  asked(name: string): void {
    this.questions.push(name);
  }
}

const names = (list: readonly { name: string }[]): string[] => list.map((d) => d.name);

test('a set has what was chosen, and tells each question whatever the answer', () => {
  const log = new Log();
  const set = defectSet(['a', 'b', 'c'], ['b', 'of another list'], log);
  expect([set.has('a'), set.has('b'), set.has('b')]).toEqual([false, true, true]);
  expect(log.watched).toEqual(['a', 'b', 'c']);
  expect(log.questions).toEqual(['a', 'b', 'b']);
  expect(defectSet(['a'], ['a']).has('a')).toBe(true);
});

test('S_eUICC tells what it asks, in the order in which it asks', () => {
  const log = new Log();
  const card = createEuicc({ defectObserver: log });
  expect(log.watched).toEqual(names(DEFECTS));
  const before = log.questions.length;
  card.powerOn();
  card.transmit(Uint8Array.from(Buffer.from('80AA000003A9018300', 'hex').subarray(0, 9)));
  expect(log.questions.slice(before)).toContain('terminal-capability-refused');
});

test('S_eIM watches both of its lists, and tells what it asks behind its listeners', async () => {
  const log = new Log();
  const served = await serveEim({ https: { port: 0 }, defectObserver: log });
  try {
    expect(log.watched.sort()).toEqual([...names(EIM_DEFECTS), ...names(SERVE_DEFECTS)].sort());
    expect(log.questions).toContain('tls-1-1-accepted');
    expect(log.questions).not.toContain('missing-eid-as-invalid-eid');
    // GetEimPackageRequest without eidValue.
    await served.eim.handleEsipa(Uint8Array.from(Buffer.from('BF4F00', 'hex')), {});
    expect(log.questions).toContain('missing-eid-as-invalid-eid');
  } finally {
    await served.close();
  }
});

test('an eIM alone watches its own list', async () => {
  const log = new Log();
  const eim = await createEim({ defectObserver: log });
  await eim.close();
  expect(log.watched).toEqual(names(EIM_DEFECTS));
});
