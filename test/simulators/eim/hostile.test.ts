/** Foreign bytes: nothing that an IPA sends ends the eIM, changes what it must not, or gets more than one answer. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { EsipaMessageFromEimToIpa } from '../../../src/protocol/types/esipa.js';
import { EsipaRefusal } from '../../../src/simulators/eim/index.js';
import { clean } from '../euicc/terminal.js';
import { acks, bytes, closeAll, Device, eimWith, ICCID1, int, t } from './bench.js';

afterEach(closeAll);

/** An eIM with a package delivered, and messages that it would take. */
async function started(sgp32Version: '1.2' | '1.0.1' = '1.2') {
  const device = await Device.of(await eimWith({ sgp32Version }));
  const { id } = await device.order({ operation: 'enable', iccid: ICCID1 });
  await device.poll();
  const result = device.result(int('83', 0));
  const named = sgp32Version === '1.2' ? t('5A', device.eid) : '';
  const list = t('A0', device.notification(9));
  const messages = [
    t('BF4F', t('5A', device.eid), '8000' + int('81', 1) + '820313F062'),
    t('BF50', named, result),
    t('BF50', named, t('30', result, sgp32Version === '1.2' ? list : t('BF2B', list))),
    t('BF50', named, t('BF52', t('A0', int('84', 9)))),
    t('BF50', named, t('BF54', device.installation(4))),
    t('BF3D', t('A0', device.installation(5))),
  ];
  return { device, id, result, messages };
}

async function outcome(device: Device, message: Uint8Array): Promise<'refused' | 'empty' | 'answer'> {
  try {
    const answer = await device.eim.handleEsipa(message);
    if (answer === undefined) return 'empty';
    if (device.eim.sgp32Version === '1.2') clean(EsipaMessageFromEimToIpa, answer);
    return 'answer';
  } catch (error) {
    expect(error).toBeInstanceOf(EsipaRefusal);
    return 'refused';
  }
}

describe.each(['1.2', '1.0.1'] as const)('foreign bytes, v%s', (version) => {
  it('any bytes at all', async () => {
    const { device } = await started(version);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (message) => {
        expect(['refused', 'answer', 'empty']).toContain(await outcome(device, message));
      }),
      { numRuns: 300 },
    );
  });

  it('one byte changed, cut or doubled: the order ends by nothing but the result that was signed', async () => {
    const { device, id, result, messages } = await started(version);
    const anyMessage = fc.constantFrom(...messages.slice(1));
    await fc.assert(
      fc.asyncProperty(anyMessage, fc.nat(), fc.nat(255), fc.nat(2), async (text, at, value, how) => {
        const message = bytes(text);
        const place = at % message.length;
        const changed =
          how === 0
            ? Uint8Array.from(message, (byte, index) => (index === place ? value : byte))
            : how === 1
              ? message.subarray(0, place)
              : Uint8Array.from([...message.subarray(0, place), value, ...message.subarray(place)]);
        const before = await device.view();
        const { status: earlier } = await device.eim.operator.orderView(id);
        const told = await outcome(device, changed);
        const { status, authenticated } = await device.eim.operator.orderView(id);
        // Signed data and signature, without the headers around them, which say nothing.
        const genuine = Buffer.from(changed).toString('hex').toUpperCase().includes(result.slice(10));
        if (status === 'done') expect(earlier === 'done' || genuine).toBe(true);
        else expect(authenticated ?? false).toBe(false);
        if (told === 'refused') expect(await device.view()).toEqual(before);
      }),
      { numRuns: 400 },
    );
  });

  it('deep and long', async () => {
    const { device } = await started(version);
    let deep = '';
    for (let level = 0; level < 2000; level++) deep = t('30', deep);
    expect(await outcome(device, bytes(t('BF50', t('30', deep))))).toBe('refused');
    const many = t('BF50', t('BF51', t('A0', t('30', '0500'.repeat(100_000)), t('5F37', '00'))));
    expect(await outcome(device, bytes(many))).toBe('refused');
    expect(await outcome(device, new Uint8Array(1 << 20).fill(0x30))).toBe('refused');
  });
});

describe('many devices', () => {
  it('two hundred poll at once, each gets its own package, each result counts once', async () => {
    const eim = await eimWith();
    const devices = await Promise.all(Array.from({ length: 200 }, () => Device.of(eim)));
    const orders = await Promise.all(devices.map((d) => d.order({ operation: 'enable', iccid: ICCID1 })));
    const polled = await Promise.all(devices.map((d) => d.poll()));
    expect(polled.every((answer, index) => answer.includes(t('5A', devices[index]!.eid)))).toBe(true);
    const answers = await Promise.all(devices.map((d) => d.provide(d.result(int('83', 0)), null)));
    expect(new Set(answers)).toEqual(new Set([acks(1)]));
    const views = await Promise.all(orders.map(({ id }) => eim.operator.orderView(id)));
    expect(views.map(({ status }) => status)).toEqual(views.map(() => 'done'));
  });
});
