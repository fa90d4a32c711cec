/** S_eIM as a server, from end to end: real sockets, a real S_eUICC behind an IPA, both faces of the API. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultPkiFolder } from '../../../../src/protocol/pki/folder.js';
import { EIM_DEFECTS } from '../../../../src/simulators/eim/index.js';
import {
  SERVE_DEFECTS,
  serveEim,
  type ServedEim,
  type ServeEimOptions,
} from '../../../../src/simulators/eim/serve/index.js';
import { FleetDevice } from '../fleet.js';
import { ask, atEnd } from './support.js';

const ICCID = '8929901012345678905';

async function serve(options: Partial<ServeEimOptions> = {}): Promise<ServedEim> {
  const served = await serveEim({ https: { port: 0 }, api: { port: 0 }, ...options });
  atEnd(() => served.close());
  return served;
}

const portOf = (url: string | undefined): number => Number(new URL(url ?? '').port);

async function api(
  served: ServedEim,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${served.api ?? ''}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path} ${String(response.status)}`).toBe(true);
  return (await response.json()) as Record<string, unknown>;
}

/** A device that is associated with the eIM and known to it. */
async function deviceOf(
  served: ServedEim,
  make: (device: object, eid: string) => Promise<unknown>,
): Promise<FleetDevice> {
  const device = new FleetDevice({
    port: () => portOf(served.https),
    available: () => Promise.resolve(),
    onResult: () => undefined,
  });
  atEnd(() => device.close());
  const { eimConfigurationData } = await api(served, 'GET', '/v1/eim-configuration');
  const associationToken = await device.associate(Buffer.from(String(eimConfigurationData), 'base64'));
  const [entry] = device.identity.entries;
  const base64 = (der: Uint8Array | undefined): string => Buffer.from(der ?? []).toString('base64');
  await make(
    {
      eumCertificate: base64(entry?.eumCertificate),
      euiccCertificate: base64(entry?.euiccCertificate),
      ...(associationToken === undefined ? {} : { associationToken }),
    },
    device.eid,
  );
  return device;
}

describe('end to end', () => {
  it('one resource an operation', async () => {
    const served = await serve();
    const device = await deviceOf(served, (more, eid) =>
      api(served, 'POST', '/v1/devices', { eid, ...more }),
    );
    const enable = await api(served, 'POST', `/v1/devices/${device.eid}/profiles/enable`, { iccid: ICCID });
    const list = await api(served, 'POST', `/v1/devices/${device.eid}/profiles/list`, {});
    await device.pollUntilEmpty();
    const outcome = (order: Record<string, unknown>) =>
      api(served, 'GET', `/v1/orders/${String(order['id'])}`);
    expect(await outcome(enable)).toMatchObject({
      status: 'done',
      results: [{ operation: 'enable', code: 'ok' }],
    });
    const listed = await outcome(list);
    expect(listed).toMatchObject({ status: 'done' });
    expect(JSON.stringify(listed['results'])).toContain(ICCID);
    const { profiles } = await api(served, 'GET', `/v1/devices/${device.eid}`);
    expect(profiles).toContainEqual(expect.objectContaining({ iccid: ICCID, state: 'enabled' }));
  });

  it('order and poll', async () => {
    const served = await serve();
    const device = await deviceOf(served, (order, eidValue) =>
      api(served, 'POST', '/euicc/create', { eidValue, order }),
    );
    const made = await api(served, 'POST', '/psmo/create', {
      eidValue: device.eid,
      order: { operation: 'enable', iccid: ICCID },
    });
    const eco = await api(served, 'POST', '/eco/create', {
      eidValue: device.eid,
      order: { operation: 'listEim' },
    });
    await device.pollUntilEmpty();
    expect(await api(served, 'GET', `/psmo/lookup/${String(made['resourceId'])}`)).toMatchObject({
      status: 'done',
      results: [{ operation: 'enable', code: 'ok' }],
    });
    expect(await api(served, 'POST', `/eco/lookup/${String(eco['resourceId'])}`)).toMatchObject({
      status: 'done',
    });
  });
});

describe('restart', () => {
  it('opens the same ports with the same store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sgp33-serve-'));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const served = await serve({ store: join(folder, 'store') });
    const device = await deviceOf(served, (more, eid) =>
      api(served, 'POST', '/v1/devices', { eid, ...more }),
    );
    const order = await api(served, 'POST', `/v1/devices/${device.eid}/profiles/enable`, { iccid: ICCID });
    const before = [served.https, served.api];
    const eim = served.eim;
    await served.restart();
    expect([served.https, served.api]).toEqual(before);
    expect(served.eim).not.toBe(eim);
    device.close();
    await device.pollUntilEmpty();
    expect(await api(served, 'GET', `/v1/orders/${String(order['id'])}`)).toMatchObject({ status: 'done' });
  });
});

describe('restart by the management API', () => {
  it('is answered when the eIM runs again, with its store and on its port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sgp33-serve-'));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const served = await serve({ store: join(folder, 'store') });
    const device = await deviceOf(served, (more, eid) =>
      api(served, 'POST', '/v1/devices', { eid, ...more }),
    );
    const { eim, https } = served;
    const { status } = await fetch(`${served.api ?? ''}/v1/restart`, { method: 'POST' });
    expect(status).toBe(204);
    expect(served.eim).not.toBe(eim);
    expect(served.https).toBe(https);
    expect(await api(served, 'GET', `/v1/devices/${device.eid}`)).toMatchObject({ eid: device.eid });
    expect((await ask({ port: portOf(served.https) })).status).toBe(200);
  });
});

describe('opening and closing', () => {
  it('opens what is named, and nothing when one of them can not be had', async () => {
    const served = await serve();
    expect(served.coaps).toBeUndefined();
    const taken = portOf(served.https);
    const fresh = { https: { port: 0 }, api: { port: taken } };
    await expect(serveEim(fresh)).rejects.toMatchObject({
      code: 'eim-listener',
      place: `127.0.0.1:${String(taken)}`,
    });
  });

  it('serves CoAP over DTLS beside HTTPS', async () => {
    const served = await serve({ coaps: { port: 0 } });
    expect(served.coaps).toMatch(/^coaps:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is closed by its signal, and may be closed again', async () => {
    const stop = new AbortController();
    const served = await serve({ signal: stop.signal });
    const port = portOf(served.https);
    expect((await ask({ port })).status).toBe(200);
    stop.abort();
    await served.close();
    await expect(ask({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(served.restart()).rejects.toThrow('closed');
  });

  it('takes a certificate of another PKI, and refuses a key that is not its own', async () => {
    const file = (name: string): string => readFileSync(join(defaultPkiFolder(), `${name}.pem`), 'utf8');
    const certificate = file('CERT_EIM2_TLS') + file('CERT_CI_ECDSA_NIST');
    const served = await serve({ tls: { certificate, privateKey: file('SK_EIM2_TLS') } });
    expect((await ask({ port: portOf(served.https), servername: 'eim2.example.com' })).status).toBe(200);
    expect(await api(served, 'GET', '/v1/eim-configuration')).toMatchObject({ eimFqdn: 'eim2.example.com' });
    const wrong = { certificate, privateKey: file('SK_EIM_TLS') };
    await expect(serveEim({ tls: wrong })).rejects.toMatchObject({ code: 'pki-mismatch' });
  });

  it('has defects of its own beside those of the eIM, under names of their own', () => {
    const core: readonly string[] = EIM_DEFECTS.map(({ name }) => name);
    expect(SERVE_DEFECTS.map(({ name }) => name).filter((name) => core.includes(name))).toEqual([]);
  });

  it('refuses a defect that nobody knows', async () => {
    await expect(serveEim({ defects: ['any-curve', 'nothing-of-the-kind'] })).rejects.toMatchObject({
      code: 'unknown-defect',
      actual: 'nothing-of-the-kind',
    });
  });
});
