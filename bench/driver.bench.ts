/**
 * An APDU round trip through our driver against a bare loop on the same binding, both through the real pcscd and the
 * virtual reader. Two equal cards in the two slots take turns in short rounds, so that the machine's mood hits both.
 */
import { openFfiBinding } from '../drivers/pcsc/binding-ffi.js';
import { openPcscliteBinding } from '../drivers/pcsc/binding-pcsclite.js';
import { Scard, type BindingName, type PcscBinding } from '../drivers/pcsc/binding.js';
import { openPcsc } from '../drivers/pcsc/open-pcsc.js';
import { createEuicc } from '../src/simulators/euicc/index.js';
import type { VirtualCard } from '../src/simulators/virtual-card.js';
import { attachToVpcd } from '../src/simulators/vpcd-client.js';
import { startPcscd, whatIsMissing, type PcscdHandle } from '../test/support/pcscd.js';
import { median, type BenchResult } from './support/measure.js';

const GOAL = 1.1;
/** A short command takes a real card some milliseconds. */
const CARD_MS = 10;
const ROUNDS = 20;
const APDUS = 20;
/** STATUS on the basic channel: answered at once, with a few bytes. */
const COMMAND = Uint8Array.of(0x80, 0xf2, 0x00, 0x00, 0x00);

export async function run(): Promise<BenchResult[]> {
  const missing = whatIsMissing();
  if (missing !== undefined)
    return [
      {
        name: 'APDU round trip through the PC/SC driver',
        value: `not measured: ${missing}`,
        goal: `under ${GOAL}`,
        ok: true,
      },
    ];
  const pcscd = await startPcscd();
  try {
    const results: BenchResult[] = [];
    for (const binding of ['pcsclite', 'ffi'] as const)
      for (const cardMs of [0, CARD_MS]) results.push(await compare(binding, pcscd, cardMs));
    return results;
  } finally {
    await pcscd.stop();
  }
}

async function compare(name: BindingName, pcscd: PcscdHandle, cardMs: number): Promise<BenchResult> {
  const { port, reader } = pcscd;
  const label = `APDU round trip, driver / bare loop (${name}${cardMs === 0 ? '' : `, a card that takes ${cardMs} ms`})`;
  let binding: PcscBinding;
  try {
    binding = await (name === 'ffi' ? openFfiBinding() : openPcscliteBinding());
  } catch {
    return { name: label, value: 'not measured: the binding is not there', goal: `under ${GOAL}`, ok: true };
  }
  const cards = [
    await attachToVpcd(slowCard(cardMs), { port }),
    await attachToVpcd(slowCard(cardMs), { port: port + 1 }),
  ];
  try {
    const other = await secondReader(binding, reader);
    await pcscd.waitFor((r) => r.present);
    const ours = await openPcsc({ reader, binding: name });
    await binding.connect(other, Scard.PROTOCOL_T0 | Scard.PROTOCOL_T1);
    const bare: number[] = [];
    const driver: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      bare.push(await time(() => binding.transmit(COMMAND)));
      driver.push(await time(() => ours.transmit(COMMAND)));
    }
    await ours.close();
    await binding.disconnect('leave');
    const ratio = median(driver) / median(bare);
    return {
      name: label,
      value: `${ratio.toFixed(2)} (${(median(driver) / APDUS).toFixed(3)} ms / ${(median(bare) / APDUS).toFixed(3)} ms)`,
      goal: `under ${GOAL}`,
      ok: ratio < GOAL,
    };
  } finally {
    for (const card of cards) card.detach();
    await pcscd.waitFor((r) => !r.present);
  }
}

/** A card that needs its time for a command, as silicon does. */
function slowCard(ms: number): VirtualCard {
  const card = createEuicc();
  const clock = new Int32Array(new SharedArrayBuffer(4));
  return {
    atr: () => card.atr(),
    powerOn: () => card.powerOn(),
    powerOff: () => card.powerOff(),
    reset: () => card.reset(),
    transmit: (command) => {
      if (ms > 0) Atomics.wait(clock, 0, 0, ms);
      return card.transmit(command);
    },
  };
}

/** The second slot, once both cards are seen. */
async function secondReader(binding: PcscBinding, first: string): Promise<string> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const readers = await binding.listReaders();
    const second = readers.find((r) => r.name !== first && r.present);
    if (second !== undefined && readers.some((r) => r.name === first && r.present)) return second.name;
    if (performance.now() > deadline) throw new Error('the virtual cards were not seen');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function time(exchange: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < APDUS; i++) await exchange();
  return performance.now() - began;
}
