import { describe, expect, it } from 'vitest';
import type { TextValue } from '../../src/protocol/asn1/index.js';
import { EimBook } from '../../src/engine/eim-book.js';
import { offersOf, type EsipaOffers } from '../../src/engine/esipa-offers.js';
import { rootScope } from '../../src/engine/scope.js';
import { asMap } from '../../src/engine/yaml/nodes.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';
import { errorOf } from './support/suite-files.js';

function offers(yaml: string, trust?: TextValue): EsipaOffers {
  const scope = rootScope(new Map(), new Map([['HOST', 'a.example']]));
  return offersOf(
    asMap(parseYaml(yaml, 'step.yaml'), 'a step'),
    { scope, eims: new EimBook(new Map()) },
    trust,
  );
}

describe('what stands beside a message', () => {
  it.each<[string, EsipaOffers]>([
    ['{}', {}],
    [
      '{ http: { method: PUT, headers: { Host: <HOST>, X-Admin-Protocol: !absent }, chunked: 5, plain: "false" } }',
      {
        http: {
          method: 'PUT',
          headers: { Host: 'a.example', 'X-Admin-Protocol': null },
          chunked: 5,
          plain: false,
        },
      },
    ],
    [
      '{ coap: { contentFormat: !absent , options: [{ number: 9, value: "00" }], blockSize: 64, duplicate: "true" } }',
      {
        coap: { contentFormat: null, options: [{ number: 9, value: '00' }], blockSize: 64, duplicate: true },
      },
    ],
    ['{ coap: { contentFormat: 50 } }', { coap: { contentFormat: 50 } }],
    [
      '{ tls: { versions: [TLSv1.1], servername: !absent , resume: "true" } }',
      { tls: { versions: ['TLSv1.1'], servername: null, resume: true } },
    ],
  ])('%s', (yaml, expected) => expect(offers(yaml)).toEqual(expected));

  it.each(['{ http: { metod: GET } }', '{ coap: { size: 1 } }', '{ tls: { version: x } }'])(
    '%s: no such key',
    (yaml) => expect(errorOf(() => offers(yaml)).code).toBe('unknown-key'),
  );
});

describe('trustedPublicKeyDataTls', () => {
  const yaml = '{ tls: { trust: configured, versions: [TLSv1.2] } }';
  it.each<[TextValue | undefined, unknown]>([
    [{ trustedEimPkTls: '3059' }, { pinnedSpki: Uint8Array.of(0x30, 0x59) }],
    [{ trustedCertificateTls: '3082' }, { pinnedCertificate: Uint8Array.of(0x30, 0x82) }],
    [undefined, undefined],
    [{}, undefined],
  ])('%j', (trust, expected) => {
    const { tls, nothingConfigured } = offers(yaml, trust);
    expect(tls).toEqual({ versions: ['TLSv1.2'], ...(expected === undefined ? {} : { trust: expected }) });
    expect(nothingConfigured).toBe(expected === undefined ? true : undefined);
  });

  it('is the only trust of a step', () => {
    expect(errorOf(() => offers('{ tls: { trust: all } }')).code).toBe('yaml-shape');
  });
});
