import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApduError } from '../../../src/protocol/apdu/apdu-error.js';
import { exchangeChained, type ChainOptions } from '../../../src/protocol/apdu/exchange.js';
import { hexOf } from '../../../src/protocol/apdu/hex-text.js';
import { bytes } from '../../support/tiny-card.js';

/** Runs a command against scripted answers; the last one repeats. */
async function run(command: string, answers: string[], options: Partial<ChainOptions> = {}) {
  const sent: string[] = [];
  const response = await exchangeChained(
    async (apdu) => {
      sent.push(hexOf(apdu));
      return bytes(answers[Math.min(sent.length, answers.length) - 1] ?? '');
    },
    bytes(command),
    { protocol: 'T=0', ...options },
  );
  return { sent, sw: response.sw.toString(16), data: hexOf(response.data), overflow: response.overflow };
}

const GET_EID = '81E2910006BF3E035C015A';

describe('exchangeChained', () => {
  it('reads what 61xx announces, on the channel of the command', async () => {
    expect(await run(GET_EID, ['6102', 'AABB9000'])).toEqual({
      sent: [GET_EID, '01C0000002'],
      sw: '9000',
      data: 'AABB',
      overflow: undefined,
    });
    expect((await run('C1E2910006BF3E035C015A', ['6102', 'AABB9000'])).sent[1]).toBe('41C0000002');
  });

  it('goes on while data comes with 61xx, and keeps 91xx', async () => {
    expect(await run(GET_EID, ['6100', 'AA6102', 'BBCC910B'])).toMatchObject({
      sent: [GET_EID, '01C0000000', '01C0000002'],
      sw: '910b',
      data: 'AABBCC',
    });
  });

  it('repeats with the Le of 6Cxx, once', async () => {
    expect(await run('0070000005', ['6C01', '019000'])).toMatchObject({
      sent: ['0070000005', '0070000001'],
      data: '01',
      sw: '9000',
    });
    expect(await run('80F2000C', ['6C10', '6C20'])).toMatchObject({
      sent: ['80F2000C', '80F2000C10'],
      sw: '6c20',
    });
    expect(await run(GET_EID, ['6103', '6C02', 'AABB9000'])).toMatchObject({
      sent: [GET_EID, '01C0000003', '01C0000002'],
      data: 'AABB',
    });
  });

  it.each(['6283', '6310', '6A80', '6F00', '9F10'])('ends with %s and the data so far', async (sw) => {
    expect(await run(GET_EID, [`AA${sw}`])).toMatchObject({
      sent: [GET_EID],
      data: 'AA',
      sw: sw.toLowerCase(),
    });
    expect(await run(GET_EID, ['6101', `AA${sw}`])).toMatchObject({ data: 'AA', sw: sw.toLowerCase() });
  });

  it('sends case 4 without Le on T=0 and with Le 00 on T=1', async () => {
    expect((await run(`${GET_EID}00`, ['9000'], { case4: true })).sent).toEqual([GET_EID]);
    expect((await run(GET_EID, ['9000'], { protocol: 'T=1', case4: true })).sent).toEqual([`${GET_EID}00`]);
    expect((await run(GET_EID, ['9000'], { protocol: 'T=1' })).sent).toEqual([GET_EID]);
    expect((await run(`${GET_EID}00`, ['9000'], { protocol: 'T=1', case4: true })).sent).toEqual([
      `${GET_EID}00`,
    ]);
  });

  it('leaves a command alone whose Lc is wrong', async () => {
    expect((await run('81E29100FF0102', ['6C02'], { protocol: 'T=1', case4: true })).sent).toEqual([
      '81E29100FF0102',
    ]);
  });

  it('stops an endless 61xx at the bound on bytes', async () => {
    const result = await run(GET_EID, ['6110', `${'00'.repeat(16)}6110`], { maxBytes: 100 });
    expect(result).toMatchObject({ overflow: 'bytes', sw: '6110' });
    expect(result.data).toHaveLength(200);
  });

  it('stops an endless 61xx without data at the bound on rounds', async () => {
    const result = await run(GET_EID, ['6110'], { maxRounds: 50 });
    expect(result).toMatchObject({ overflow: 'rounds', data: '' });
    expect(result.sent).toHaveLength(51);
  });

  it.each(['', '90'])('reports the R-APDU "%s" as malformed, with its bytes', async (answer) => {
    const error: unknown = await run(GET_EID, [answer]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApduError);
    expect(error).toMatchObject({ code: 'malformed-r-apdu', bytes: bytes(answer) });
    await expect(run(GET_EID, ['6105', answer])).rejects.toBeInstanceOf(ApduError);
  });

  it('comes to an end within its bounds whatever the card sends', async () => {
    const answer = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(0x61, 0x6c), fc.nat(255))
        .map(([data, sw1, sw2]) => Uint8Array.of(...data, sw1, sw2)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 20 }),
        fc.array(answer, { minLength: 1 }),
        async (command, answers) => {
          let sent = 0;
          const transmit = async () => answers[sent++ % answers.length] ?? new Uint8Array(0);
          try {
            const { data } = await exchangeChained(transmit, command, {
              protocol: 'T=0',
              maxBytes: 64,
              maxRounds: 8,
            });
            expect(data.length).toBeLessThanOrEqual(64);
          } catch (error) {
            expect(error).toBeInstanceOf(ApduError);
          }
          expect(sent).toBeLessThanOrEqual(18);
        },
      ),
    );
  });
});
