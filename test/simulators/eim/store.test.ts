/** What the eIM promised holds over SIGKILL at any moment. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/protocol/package-root.js';
import type { OrderRequest, OrderView } from '../../../src/simulators/eim/index.js';
import { acks, closeAll, Device, eimWith, ICCID1, int, NO_PACKAGE, t } from './bench.js';

const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await closeAll();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sgp33-eim-'));
  folders.push(made);
  return made;
}

const enable: OrderRequest = { kind: 'package', operations: [{ operation: 'enable', iccid: ICCID1 }] };

/** The eIM in another process. */
class Remote {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  readonly ended: Promise<void>;
  readonly ready: Promise<void>;
  #id = 0;

  constructor(store: string) {
    const script = join(packageRoot(), 'test', 'simulators', 'eim', 'eim-process.ts');
    this.#child = spawn(process.execPath, ['--import', 'tsx', script, store], {
      cwd: packageRoot(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(this.#child);
    this.ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    let isReady = (): void => undefined;
    this.ready = new Promise((resolve) => (isReady = resolve));
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const read = JSON.parse(line) as 'ready' | { id: number; value: unknown };
      if (read === 'ready') isReady();
      else this.#waiting.get(read.id)?.(read.value);
    });
    this.#child.stdin!.on('error', () => undefined);
  }

  /** Undefined when the process ended before it answered. */
  call<T>(what: object): Promise<T | undefined> {
    const id = ++this.#id;
    const answered = new Promise<T>((resolve) => this.#waiting.set(id, resolve as (value: unknown) => void));
    this.#child.stdin!.write(`${JSON.stringify({ id, ...what })}\n`);
    return Promise.race([answered, this.ended.then(() => undefined)]);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

describe('the store', () => {
  it.each([true, false])('keeps all over a restart in order (durable: %s)', async (durable) => {
    const store = folder();
    const device = await Device.of(await eimWith({ store, durable }));
    const done = await device.order({ operation: 'enable', iccid: ICCID1 });
    await device.run(int('83', 0));
    const waiting = await device.order({ operation: 'disable', iccid: ICCID1 });
    const delivered = await device.poll();
    await device.eim.close();
    const again = await eimWith({ store });
    const { operator } = again;
    expect(await operator.device(device.eid)).toMatchObject({
      counterValue: 3,
      profiles: [{ state: 'enabled' }],
    });
    expect((await operator.orderView(done.id)).status).toBe('done');
    expect((await operator.orderView(waiting.id)).status).toBe('delivered');
    const poll = Buffer.from(t('BF4F', t('5A', device.eid)), 'hex');
    expect(
      Buffer.from((await again.handleEsipa(poll))!)
        .toString('hex')
        .toUpperCase(),
    ).toBe(delivered);
  });

  it('is refused to a second eIM', async () => {
    const store = folder();
    await eimWith({ store });
    await expect(eimWith({ store })).rejects.toMatchObject({ code: 'eim-store' });
  });

  it('goes on counting when a device is removed and comes again', async () => {
    const eim = await eimWith();
    const device = await Device.of(eim);
    await device.order({ operation: 'enable', iccid: ICCID1 });
    await device.poll();
    await eim.operator.removeDevice(device.eid);
    await eim.operator.addDevice({ eid: device.eid, ...device.certificates });
    await device.order({ operation: 'enable', iccid: ICCID1 });
    await device.poll();
    expect(device.counter).toBe(3);
  });

  it('loses nothing that was promised when it is killed, again and again', async () => {
    const store = folder();
    const first = await eimWith({ store });
    const device = await Device.of(first);
    await first.close();
    const promised = new Set<string>();
    const packages = new Map<number, string>();
    const recorded: number[] = [];
    for (let round = 0; round < 4; round++) {
      const remote = new Remote(store);
      await remote.ready;
      const killedAt = 3 + 4 * round;
      let calls = 0;
      const call = async <T>(what: object): Promise<T | undefined> => {
        const answered = remote.call<T>(what);
        if (++calls === killedAt) await remote.kill();
        return answered;
      };
      for (let order = 0; order < 5; order++) {
        const view = await call<OrderView>({ eid: device.eid, order: enable });
        if (view !== undefined) promised.add(view.id);
        const answer = await call<string>({ message: t('BF4F', t('5A', device.eid)) });
        if (answer === undefined || answer === NO_PACKAGE) continue;
        device.takePackage(answer);
        expect(packages.get(device.counter) ?? answer).toBe(answer);
        packages.set(device.counter, answer);
        const result = device.result(int('83', 0), { seq: device.counter });
        const answered = await call<string>({ message: t('BF50', t('5A', device.eid), result) });
        if (answered === undefined) continue;
        expect(answered).toBe(acks(device.counter));
        recorded.push(device.counter);
      }
      await remote.kill();
    }
    const last = await eimWith({ store });
    const statuses = await Promise.all(
      [...promised].map(async (id) => (await last.operator.orderView(id)).status),
    );
    expect(promised.size).toBeGreaterThan(8);
    expect(statuses.every((status) => ['pending', 'delivered', 'done'].includes(status))).toBe(true);
    expect(statuses.filter((status) => status === 'done').length).toBeGreaterThanOrEqual(recorded.length - 1);
    expect(new Set(recorded).size).toBe(recorded.length);
    expect(Math.max(...packages.keys())).toBeLessThanOrEqual(
      (await last.operator.device(device.eid)).counterValue,
    );
  }, 60_000);
});
