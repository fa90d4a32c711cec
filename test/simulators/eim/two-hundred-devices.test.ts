/** Two hundred devices poll at once, and the eIM is killed in the middle, twice. Nothing is lost, nothing is done twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FleetDevice, isConnectionLoss, type EimAddress, type Losses } from './fleet.js';
import { ServedProcess } from './served-eim.js';

const DEVICES = 200;
/** Results that are on their way when the eIM is killed. */
const KILLS = [90, 300];
const ICCID = '8929901012345678905';

const folder = mkdtempSync(join(tmpdir(), 'sgp33-fleet-'));
const served = new ServedProcess(join(folder, 'store'));

/** Kills the eIM after a number of results and starts it again; whoever needs it waits for `back`. */
class Saboteur implements EimAddress {
  kills = 0;
  #results = 0;
  #back: Promise<void> = Promise.resolve();
  #onKill: () => void = () => undefined;

  /** Settles at the first kill. */
  readonly killed = new Promise<void>((resolve) => (this.#onKill = resolve));
  readonly port = (): number => served.https;
  readonly available = (): Promise<void> => this.#back;
  readonly onResult = (): void => {
    if (++this.#results !== KILLS[this.kills]) return;
    this.kills++;
    this.#onKill();
    this.#back = served.kill().then(() => served.start());
  };
}

const saboteur = new Saboteur();
const devices: FleetDevice[] = [];

afterAll(async () => {
  for (const device of devices) device.close();
  await served.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns undefined when the eIM went away before it answered. */
async function api(
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown> | undefined> {
  await saboteur.available();
  try {
    const response = await fetch(`http://127.0.0.1:${String(served.api)}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${String(response.status)} ${text}`).toBe(true);
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof TypeError && (isConnectionLoss(error.cause) || error.message === 'terminated'))
      return undefined;
    throw error;
  }
}

/** Orders until it was accepted. What was accepted without an answer is one package more, and does no harm. */
async function order(device: FleetDevice, path: string, body: object = {}): Promise<string> {
  for (;;) {
    const accepted = await api('POST', `/v1/devices/${device.eid}/${path}`, body);
    if (accepted !== undefined) return String(accepted['id']);
  }
}

/** Every fourth device loses a package, half of those until the eIM was killed; others lose an acknowledgement. */
const lossesOf = (at: number): Losses =>
  at % 8 === 0
    ? { package: true, wait: () => saboteur.killed }
    : at % 8 === 4
      ? { package: true, acknowledgement: true }
      : { acknowledgement: at % 8 === 2 };

const orders = new Map<FleetDevice, string[]>();

async function makeDevices(): Promise<void> {
  const configuration = await api('GET', '/v1/eim-configuration');
  const der = Buffer.from(String(configuration?.['eimConfigurationData']), 'base64');
  await Promise.all(
    Array.from({ length: DEVICES }, async (_, at) => {
      const device = new FleetDevice(saboteur, lossesOf(at));
      devices.push(device);
      const associationToken = await device.associate(der);
      const [entry] = device.identity.entries;
      const certificate = (der?: Uint8Array): string => Buffer.from(der ?? []).toString('base64');
      await api('POST', '/v1/devices', {
        eid: device.eid,
        eumCertificate: certificate(entry?.eumCertificate),
        euiccCertificate: certificate(entry?.euiccCertificate),
        ...(associationToken === undefined ? {} : { associationToken }),
      });
      orders.set(device, [
        await order(device, 'profiles/enable', { iccid: ICCID }),
        await order(device, 'profiles/list'),
      ]);
    }),
  );
}

/** Polls while one more order comes, and again for what came too late for the first time. */
async function live(device: FleetDevice): Promise<void> {
  const late = order(device, 'rat');
  await device.pollUntilEmpty();
  orders.get(device)?.push(await late);
  await device.pollUntilEmpty();
}

it('two hundred devices and an eIM that is killed twice', { timeout: 120_000 }, async () => {
  await served.start();
  await makeDevices();
  await Promise.all(devices.map(live));
  expect(saboteur.kills).toBe(KILLS.length);
  const lost = devices.flatMap((device) => device.lost);
  expect(lost.filter((kind) => kind === 'package')).toHaveLength(DEVICES / 4);
  expect(lost.filter((kind) => kind === 'acknowledgement')).toHaveLength(DEVICES / 4);

  const wrong: unknown[] = [];
  const views = await Promise.all(
    devices.map((device) =>
      Promise.all((orders.get(device) ?? []).map((id) => api('GET', `/v1/orders/${id}`))),
    ),
  );
  for (const [at, device] of devices.entries()) {
    const lost = (views[at] ?? []).filter((view) => view?.['status'] !== 'done');
    if (lost.length > 0) wrong.push({ eid: device.eid, lost });
    const counters = (views[at] ?? []).map((view) => view?.['counterValue']);
    if (new Set(counters).size !== 3) wrong.push({ eid: device.eid, counters });
    const forms = [...device.delivered].filter(([, packages]) => packages.size !== 1);
    if (forms.length > 0) wrong.push({ eid: device.eid, changedPackages: forms });
    const twice = [...device.executed].filter(([, times]) => times !== 1);
    if (twice.length > 0 || device.executed.size < 3) wrong.push({ eid: device.eid, twice });
    if (device.executed.size !== device.delivered.size) wrong.push({ eid: device.eid, notExecuted: true });
    if (device.errors.length > 0) wrong.push({ eid: device.eid, errors: device.errors });
  }
  expect(wrong).toEqual([]);
});
