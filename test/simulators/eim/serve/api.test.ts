/** The management API: both faces, and the OpenAPI description held against what is answered. */
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPkiFolder } from '../../../../src/protocol/pki/folder.js';
import { iccidToPrinted, iccidToWire, printIccids } from '../../../../src/simulators/eim/serve/api/forms.js';
import { serveEim, type ServedEim } from '../../../../src/simulators/eim/serve/index.js';

const EID = '89049032123451234512345678901235';
const ICCID = '8929901012345678905';
const pki = loadPkiFolder();
const base64 = (name: string): string => Buffer.from(pki.certificate(name).der).toString('base64');
const DEVICE = {
  eid: EID,
  eumCertificate: base64('EUM_ECDSA_NIST'),
  euiccCertificate: base64('EUICC_ECDSA_NIST'),
  associationToken: 1,
};

let served: ServedEim;
beforeAll(async () => {
  served = await serveEim({ api: { port: 0 } });
});
afterAll(() => served.close());

interface Told {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

async function api(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Told> {
  const response = await fetch(`${served.api ?? ''}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const codeOf = ({ json }: Told): unknown => (json['error'] as { code?: unknown } | undefined)?.code;

type JsonSchema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema> };
}
interface Content {
  readonly 'application/json': { readonly schema: JsonSchema };
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Record<string, { readonly description: string; readonly content?: Content }>;
}

/** A body for each operation that has one: what must be accepted. */
const BODIES: Readonly<Record<string, unknown>> = {
  addDevice: DEVICE,
  enable: { iccid: ICCID, rollbackFlag: true },
  disable: { iccid: ICCID },
  delete: { iccid: ICCID },
  listProfileInfo: { searchCriteria: { iccid: ICCID }, tagList: '5A9F70' },
  getRAT: {},
  setFallbackAttribute: { iccid: ICCID },
  unsetFallbackAttribute: {},
  configureImmediateEnable: { immediateEnableFlag: true, defaultSmdpAddress: 'smdp.example.com' },
  setDefaultDpAddress: { defaultDpAddress: 'smdp.example.com' },
  addEim: {
    eim: {
      eimId: 'eim2.example.com',
      eimIdType: 'fqdn',
      counterValue: 1,
      eimPublicKey: Buffer.from(pki.certificate('S_EIMsign2_ECDSA_NIST').spki).toString('base64'),
    },
  },
  updateEim: { eim: { eimId: 'testeim9', counterValue: 5, eimCertificate: base64('S_EIMsign2_ECDSA_NIST') } },
  deleteEim: { eimId: 'testeim9' },
  listEim: {},
  package: { operations: [{ operation: 'disable', iccid: ICCID }, { operation: 'getRAT' }] },
  ipaEuiccData: { tagList: 'BF22A8', searchCriteriaNotification: { seqNumber: 1 } },
  profileDownload: { activationCode: '1$smdp.example.com$CODE' },
  'psmo-create': { eidValue: EID, order: { operation: 'enable', iccid: ICCID } },
  'eco-create': { eidValue: EID, order: [{ operation: 'listEim' }] },
  'edr-create': { eidValue: EID, order: {} },
  'download-create': { eidValue: EID, order: { contactDefaultSmdp: true } },
  'euicc-create': { eidValue: EID, order: { associationToken: 1 } },
};

describe('the OpenAPI description', () => {
  it('is told at its path, in version 3.1', async () => {
    const { status, json } = await api('GET', '/v1/openapi.json');
    expect(status).toBe(200);
    expect(json).toMatchObject({ openapi: '3.1.0', servers: [{ url: served.api }] });
  });

  it('describes each resource as it answers', async () => {
    const description = (await api('GET', '/v1/openapi.json')).json as unknown as OpenApi;
    const schemaOf = (content: Content): z.ZodType => {
      const { schema } = content['application/json'];
      const name = schema.$ref?.replace('#/components/schemas/', '');
      return z.fromJSONSchema((name === undefined ? schema : description.components.schemas[name]) ?? {});
    };
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    const ids: Record<string, string> = {};
    const called: string[] = [];
    const call = async ({ path, method, operation }: (typeof operations)[number]): Promise<Told> => {
      const { operationId, requestBody, responses, parameters = [] } = operation;
      const resource = ids[path.replace('lookup/{resourceId}', 'create')] ?? 'none';
      const url = path
        .replace('{eid}', EID)
        .replace('{id}', ids['order'] ?? 'none')
        .replace('{resourceId}', resource);
      expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(
        parameters.map(({ name }) => name),
      );
      const body = BODIES[operationId];
      expect(body !== undefined, operationId).toBe(requestBody !== undefined);
      if (requestBody !== undefined)
        expect(schemaOf(requestBody.content).safeParse(body).error).toBeUndefined();
      const told = await api(method.toUpperCase(), url, body);
      const described = responses[String(told.status)];
      expect(described, `${operationId}: ${String(told.status)} ${JSON.stringify(told.json)}`).toBeDefined();
      if (described?.content === undefined) expect(told.json).toEqual({});
      else expect(schemaOf(described.content).safeParse(told.json).error, operationId).toBeUndefined();
      called.push(operationId);
      return told;
    };
    const named = (id: string) =>
      operations.find(({ operation }) => operation.operationId === id) ?? expect.fail(id);
    expect((await call(named('addDevice'))).status).toBe(201);
    const creates = operations.filter(({ operation }) => BODIES[operation.operationId] !== undefined);
    for (const one of creates) {
      if (['addDevice', 'euicc-create'].includes(one.operation.operationId)) continue;
      const told = await call(one);
      expect(told.status, JSON.stringify(told.json)).toBeLessThan(300);
      ids['order'] ??= String(told.json['id']);
      ids[one.path] = String(told.json['resourceId']);
    }
    expect((await call(named('removeDevice'))).status).toBe(204);
    const again = await call(named('euicc-create'));
    ids['/euicc/create'] = String(again.json['resourceId']);
    for (const one of operations.filter(({ operation }) => !called.includes(operation.operationId)))
      await call(one);
    expect(called.sort()).toEqual(operations.map(({ operation }) => operation.operationId).sort());
    await api('DELETE', `/v1/devices/${EID}`);
  });
});

describe('one resource an operation', () => {
  it('makes, tells and forgets a device', async () => {
    const made = await api('POST', '/v1/devices', DEVICE);
    expect([made.status, made.json['eid'], made.json['euiccCertificate']]).toEqual([
      201,
      EID,
      DEVICE.euiccCertificate,
    ]);
    expect(codeOf(await api('POST', '/v1/devices', DEVICE))).toBe('device-exists');
    expect((await api('GET', '/v1/devices')).json['devices']).toHaveLength(1);
    const order = await api('POST', `/v1/devices/${EID}/profiles/enable`, { iccid: ICCID });
    expect([order.status, order.json['status'], order.json['kind']]).toEqual([202, 'queued', 'package']);
    const told = await api('GET', `/v1/orders/${String(order.json['id'])}`);
    expect(told.json).toMatchObject({ id: order.json['id'], eid: EID, status: 'queued' });
    expect((await api('DELETE', `/v1/devices/${EID}`)).status).toBe(204);
    expect((await api('GET', `/v1/devices/${EID}`)).status).toBe(404);
  });

  it('exports the EimConfigurationData', async () => {
    const { json } = await api('GET', '/v1/eim-configuration');
    expect(json).toMatchObject({ eimId: 'testeim1', eimFqdn: 'eim.example.com' });
    const der = Buffer.from(String(json['eimConfigurationData']), 'base64');
    expect(der[0]).toBe(0x30);
    // The certificate of the HTTPS listener is what an IPA shall trust (SGP.32 2.11.1.1.1).
    expect(der.includes(Buffer.from(pki.certificate('EIM_TLS').spki))).toBe(true);
  });

  it.each<[string, string, unknown, number, string]>([
    ['POST', `/v1/devices/${EID}/profiles/enable`, { iccid: ICCID }, 404, 'device-unknown'],
    ['GET', '/v1/orders/nothing', undefined, 404, 'order-unknown'],
    ['POST', '/v1/devices', { eid: '1' }, 422, 'invalid-eid'],
    ['POST', '/v1/devices', { eid: 5 }, 400, 'invalid-request'],
    ['POST', '/v1/devices', { ...DEVICE, colour: 'red' }, 400, 'invalid-request'],
    ['POST', '/v1/devices', { ...DEVICE, euiccCertificate: '%%' }, 400, 'invalid-request'],
    ['POST', '/v1/devices', '{', 400, 'invalid-request'],
    ['POST', '/v1/device', {}, 404, 'not-found'],
    ['PUT', '/v1/devices', {}, 405, 'method-not-allowed'],
    ['GET', '/v1/devices/%E0%A4%A', undefined, 404, 'device-unknown'],
    ['GET', '/psmo/lookup/nothing', undefined, 404, 'order-unknown'],
    ['GET', '/euicc/lookup/nothing', undefined, 404, 'device-unknown'],
  ])('refuses %s %s %j', async (method, path, body, status, code) => {
    const told = await api(method, path, body);
    expect([told.status, codeOf(told)]).toEqual([status, code]);
  });

  it('takes JSON only, and not without end', async () => {
    expect((await api('POST', '/v1/devices', '{}', 'text/plain')).status).toBe(415);
    const long = await api('POST', '/v1/devices', JSON.stringify({ eid: 'x'.repeat(2 << 20) }));
    expect([long.status, codeOf(long)]).toEqual([413, 'body-too-large']);
  });

  it('leaves the judgement of parameters to the eIM', async () => {
    await api('POST', '/v1/devices', DEVICE);
    const orders: [string, unknown, string][] = [
      ['profiles/enable', { iccid: '89' }, 'invalid-iccid'],
      ['packages', { operations: [] }, 'empty-package'],
      ['packages', { operations: [{ operation: 'getRAT' }, { operation: 'listEim' }] }, 'mixed-package'],
      ['downloads', { activationCode: 'no' }, 'invalid-activation-code'],
    ];
    for (const [path, body, code] of orders) {
      const told = await api('POST', `/v1/devices/${EID}/${path}`, body);
      expect([told.status, codeOf(told)]).toEqual([422, code]);
    }
    await api('DELETE', `/v1/devices/${EID}`);
  });
});

describe('order and poll', () => {
  it('knows which operation is ordered where', async () => {
    await api('POST', '/euicc/create', { eidValue: EID, order: {} });
    const eco = { eidValue: EID, order: { operation: 'listEim' } };
    expect(codeOf(await api('POST', '/psmo/create', eco))).toBe('wrong-facility');
    const psmo = { eidValue: EID, order: [{ operation: 'getRAT' }] };
    expect(codeOf(await api('POST', '/eco/create', psmo))).toBe('wrong-facility');
    const made = await api('POST', '/psmo/create', psmo);
    expect(made.status).toBe(200);
    const looked = await api('POST', `/psmo/lookup/${String(made.json['resourceId'])}`);
    expect(looked.json).toMatchObject({
      eidValue: EID,
      status: 'queued',
      resourceId: made.json['resourceId'],
    });
    await api('DELETE', `/v1/devices/${EID}`);
  });

  it('knows a device at once', async () => {
    const made = await api('POST', '/euicc/create', { eidValue: EID, order: {} });
    const looked = await api('GET', `/euicc/lookup/${String(made.json['resourceId'])}`);
    expect(looked.json).toEqual({
      resourceId: made.json['resourceId'],
      eidValue: EID,
      status: 'done',
      results: [],
    });
    await api('DELETE', `/v1/devices/${EID}`);
  });
});

describe('ICCIDs', () => {
  it.each([
    ['8929901012345678905', '989209012143658709F5'],
    ['89299010123456789051', '98920901214365870915'],
  ])('%s is %s on the wire', (printed, wire) => {
    expect([iccidToWire(printed), iccidToPrinted(wire)]).toEqual([wire, printed]);
  });

  it('stay as they are when they are none', () => {
    expect([iccidToWire('89x'), iccidToWire('989209012143658709F5'), iccidToPrinted('00FF')]).toEqual([
      '89x',
      '989209012143658709F5',
      '00FF',
    ]);
  });

  it('are printed wherever a listing tells one', () => {
    expect(printIccids([{ iccid: '989209012143658709F5', n: [1, null] }])).toEqual([
      { iccid: '8929901012345678905', n: [1, null] },
    ]);
  });
});
