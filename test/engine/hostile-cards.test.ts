import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Recorder } from '../../src/engine/recorder.js';
import type { Phase } from '../../src/engine/result.js';
import { runSequence, type SequenceRun } from '../../src/engine/run-sequence.js';
import type { Sequence } from '../../src/engine/suite.js';
import { applicable, sessionOver } from './support/built-in.js';
import { HostileCard, pseudoRandom, silent, type Answer } from './support/hostile-card.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const random = pseudoRandom(20_26);
const noise = (length: number): number[] => Array.from({ length }, () => random(256));
const ins = (command: Uint8Array): number => command[1] ?? 0;

/** Tag and length of the honest answer, with a content of noise. */
const plausible: Answer = (command, honest) => {
  if (honest.length < 6 || ins(command) === 0x70 || ins(command) === 0xa4) return honest;
  const bent = Uint8Array.from(honest);
  for (let i = 0; i < 3; i++) bent[random(bent.length - 2)] = random(256);
  return bent;
};

/** The whole family of answers; each sequence of the suite meets each. */
const CARDS: readonly [string, Answer][] = [
  ['6F00 to everything', () => hex('6F00')],
  ['9000 without data', () => hex('9000')],
  ['no byte', () => new Uint8Array(0)],
  ['one byte', () => hex('90')],
  ['a hole in the list of its own SW', () => hex('0000')],
  ['64 kB', () => Uint8Array.of(...new Array<number>(65_536).fill(0x5a), 0x90, 0x00)],
  [
    '64 kB that claim to be an ES10 answer',
    () =>
      Uint8Array.of(0xbf, 0x2d, 0x83, 0x01, 0x00, 0x00, ...new Array<number>(65_536).fill(0x30), 0x90, 0x00),
  ],
  ['endless 61xx', () => hex('BF2D026100')],
  ['endless 61xx without data', () => hex('6110')],
  ['6Cxx for ever', () => hex('6C05')],
  ['noise', () => Uint8Array.from(noise(random(300)))],
  ['noise with 9000', () => Uint8Array.of(...noise(random(300)), 0x90, 0x00)],
  ['honest answers with a few bytes changed', plausible],
  [
    'the answer to another command',
    (command, honest) =>
      ins(command) === 0xe2 ? hex('BF3E125A10890490321234512345678901234512359000') : honest,
  ],
  [
    'honest answers cut in half',
    (command, honest) =>
      honest.length < 8 || ins(command) === 0xa4
        ? honest
        : Uint8Array.of(...honest.subarray(0, honest.length / 2), 0x90, 0x00),
  ],
  ['no answer', silent],
];

/** Thousands of GET RESPONSE a command: not for every sequence. */
const slow = (name: string): boolean => name.startsWith('endless');
/** What changes only some answers may leave those that a sequence looks at alone. */
const mayPass = (name: string): boolean =>
  name.startsWith('honest') || name.startsWith('the answer to another');
const every = (n: number): Sequence[] => applicable().filter((_, i) => i % n === 0);

afterEach(() => {
  vi.restoreAllMocks();
});

/** The phase in which the running sequence is. */
function watchPhase(): { phase: Phase } {
  const watched: { phase: Phase } = { phase: 'initial' };
  const original = Reflect.get<Recorder, 'step'>(Recorder.prototype, 'step');
  vi.spyOn(Recorder.prototype, 'step').mockImplementation(function (this: Recorder, start) {
    watched.phase = start.phase;
    return original.call(this, start);
  });
  return watched;
}

/** What is wrong with how a sequence ended, in words. */
function complaints(name: string, { result }: SequenceRun): string[] {
  const said = result.problems.map((p) => `${p.cause}: ${p.message}`).join(' | ');
  const found: string[] = [];
  if (
    result.verdict === 'PASS'
      ? !mayPass(name)
      : result.verdict !== 'FAIL' && result.verdict !== 'INCONCLUSIVE'
  )
    found.push(result.verdict);
  if (result.verdict !== 'PASS' && result.problems.length === 0) found.push('no cause');
  if (result.verdict === 'FAIL' && result.problems[0]?.requirements.length === 0)
    found.push('FAIL without a requirement');
  if (result.durationMs > 20_000) found.push(`${result.durationMs} ms`);
  return found.map((what) => `${result.id} ${what} ${said}`.slice(0, 500));
}

describe.each(CARDS)('a card that gives %s', { timeout: 120_000 }, (name, answer) => {
  it('from the beginning leaves every sequence without a PASS, and the tool well', async () => {
    const wrong: string[] = [];
    for (const sequence of every(slow(name) ? 40 : 8)) {
      const card = new HostileCard();
      card.turn(answer);
      wrong.push(...complaints(name, await runSequence(sequence, sessionOver(card))));
    }
    expect(wrong).toEqual([]);
  });

  it('to the steps of the test makes it FAIL or INCONCLUSIVE, and is restored afterwards', async () => {
    const watched = watchPhase();
    const wrong: string[] = [];
    let failed = 0;
    for (const sequence of every(slow(name) ? 12 : 1)) {
      const card = new HostileCard();
      watched.phase = 'initial';
      card.turn((command, honest) => (watched.phase === 'test' ? answer(command, honest) : honest));
      const run = await runSequence(sequence, sessionOver(card));
      wrong.push(...complaints(name, run));
      if (run.result.verdict === 'FAIL') failed += 1;
    }
    expect(wrong).toEqual([]);
    expect(failed).toBeGreaterThan(slow(name) ? 3 : 40);
  });
});

it(
  'random answers at random moments end no sequence in a fault of the tool',
  { timeout: 120_000 },
  async () => {
    const sequences = applicable();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: sequences.length - 1 }),
        fc.nat({ max: 60 }),
        fc.array(
          fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.constantFrom('9000', '6100', '9110', '6A88', '')),
          { minLength: 1, maxLength: 8 },
        ),
        async (at, honestOnes, answers) => {
          const card = new HostileCard();
          let left = honestOnes;
          let next = 0;
          card.turn((_, honest) => {
            if (left-- > 0) return honest;
            const [data, sw] = answers[next++ % answers.length] ?? [new Uint8Array(0), '6F00'];
            return Uint8Array.of(...data, ...hex(sw));
          });
          const run = await runSequence(sequences[at] as Sequence, sessionOver(card));
          expect(complaints('honest until then', run)).toEqual([]);
        },
      ),
      { seed: 2026, numRuns: 60 },
    );
  },
);
