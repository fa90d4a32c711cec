import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertName } from '../../../src/transport/dtls/alerts.js';
import {
  clientHelloRandom,
  helloVerifyCookie,
  packRecords,
  plaintextSigns,
  recordsOf,
  versionName,
} from '../../../src/transport/dtls/records.js';
import { SeenRecords } from '../../../src/transport/dtls/seen-records.js';
import { clientHello, handshake, record } from './support.js';

const RANDOM = Buffer.alloc(32, 7);

describe('recordsOf', () => {
  it('splits a datagram into its records and leaves a truncated one out', () => {
    const first = record(22, Buffer.from('0102', 'hex'));
    const second = record(23, Buffer.from('03', 'hex'), 5);
    const datagram = Buffer.concat([first, second, second.subarray(0, 13)]);
    expect(
      recordsOf(datagram).map(({ type, epoch, fragment }) => [type, epoch, Buffer.from(fragment)]),
    ).toEqual([
      [22, 0, Buffer.from('0102', 'hex')],
      [23, 0, Buffer.from('03', 'hex')],
    ]);
  });

  it('gives parts of any bytes, in order, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const joined = Buffer.concat(recordsOf(bytes).map((one) => one.bytes));
        expect(joined).toEqual(Buffer.from(bytes.subarray(0, joined.length)));
      }),
    );
  });
});

describe('plaintextSigns', () => {
  it('sees several handshake messages in one record, and fatal alerts', () => {
    const empty = (type: number): Buffer => Buffer.concat([Buffer.from([type]), Buffer.alloc(11)]);
    const datagram = Buffer.concat([
      record(22, Buffer.concat([empty(12), empty(13), empty(14)])),
      record(21, Buffer.from([2, 70])),
      record(21, Buffer.from([1, 0])),
    ]);
    expect(plaintextSigns(datagram)).toEqual({
      handshakes: [12, 13, 14],
      fatalAlerts: [70],
      serverVersion: undefined,
    });
  });

  it('reads the version of a ServerHello', () => {
    const hello = Buffer.from('02000026' + '0000' + '000000' + '000026' + 'feff' + '00'.repeat(36), 'hex');
    expect(plaintextSigns(record(22, hello)).serverVersion).toBe(0xfeff);
  });

  it('looks at nothing that is encrypted', () => {
    const encrypted = record(21, Buffer.from([2, 70]));
    encrypted[4] = 1;
    expect(plaintextSigns(encrypted)).toEqual({ handshakes: [], fatalAlerts: [], serverVersion: undefined });
  });

  it('never throws on handshake bytes of a stranger', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (fragment) => {
        expect(plaintextSigns(record(22, fragment)).handshakes.length).toBeLessThanOrEqual(
          fragment.length / 12,
        );
      }),
    );
  });
});

describe('clientHelloRandom', () => {
  it('is the random of a ClientHello', () => {
    expect(clientHelloRandom(clientHello(RANDOM))).toBe(RANDOM.toString('hex'));
  });

  it.each([
    ['application data', record(23, clientHello(RANDOM).subarray(13))],
    ['a truncated record', clientHello(RANDOM).subarray(0, 60)],
    ['a hello without a whole random', record(22, clientHello(RANDOM).subarray(13, 58))],
    ['another handshake message', record(22, Buffer.alloc(60, 2))],
    ['nothing', Buffer.alloc(0)],
  ])('is undefined for %s', (_name, datagram) => {
    expect(clientHelloRandom(datagram)).toBeUndefined();
  });

  it('is undefined for the second part of a hello', () => {
    const fragment = clientHello(RANDOM);
    fragment[13 + 8] = 1;
    expect(clientHelloRandom(fragment)).toBeUndefined();
  });
});

describe('packRecords', () => {
  it('fills datagrams up to the MTU and sends what is larger alone', () => {
    const sizes = (mtu: number, ...lengths: number[]): number[] =>
      packRecords(Buffer.concat(lengths.map((length) => record(22, Buffer.alloc(length - 13)))), mtu).map(
        (datagram) => datagram.length,
      );
    expect(sizes(100, 40, 60, 30, 80, 20, 300, 13)).toEqual([100, 30, 100, 300, 13]);
  });

  it('loses and reorders nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 })),
        fc.integer({ min: 14, max: 150 }),
        (parts, mtu) => {
          const bytes = Buffer.concat(parts.map((part) => record(22, part)));
          expect(Buffer.concat(packRecords(bytes, mtu))).toEqual(bytes);
        },
      ),
    );
  });
});

it('names alerts and versions', () => {
  expect([alertName(70), alertName(48), alertName(200)]).toEqual([
    'protocol_version',
    'unknown_ca',
    'alert_200',
  ]);
  expect([0xfeff, 0xfefd, 0xfefc].map(versionName)).toEqual(['DTLSv1', 'DTLSv1.2', '0xfefc']);
});

describe('helloVerifyCookie', () => {
  it('reads the cookie', () => {
    const message = handshake(3, 0, Buffer.from('feff03010203', 'hex'));
    expect(helloVerifyCookie(message)).toEqual(Uint8Array.of(1, 2, 3));
    expect(helloVerifyCookie(handshake(3, 0, Buffer.from('feff00', 'hex')))).toEqual(new Uint8Array(0));
  });

  it('finds none in anything else, and never throws', () => {
    expect(helloVerifyCookie(clientHello(RANDOM))).toBeUndefined();
    expect(helloVerifyCookie(handshake(3, 0, Buffer.from('feff', 'hex')))).toBeUndefined();
    expect(helloVerifyCookie(handshake(3, 0, Buffer.from('feff05010203', 'hex')))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const datagram of [bytes, record(22, bytes), handshake(3, 0, bytes)]) {
          const cookie = helloVerifyCookie(datagram);
          expect(cookie === undefined || cookie.length <= bytes.length).toBe(true);
        }
      }),
    );
  });
});

describe('SeenRecords', () => {
  it('knows a record by its number, also beside a new one', () => {
    const seen = new SeenRecords();
    const [one, two] = [record(23, RANDOM, 1), record(23, RANDOM, 2)];
    expect(
      [one, two, Buffer.concat([two, record(23, RANDOM, 3)]), RANDOM].map((d) => seen.repeats(d)),
    ).toEqual([...[false, false, true, false]]);
  });

  it('forgets the oldest', () => {
    const seen = new SeenRecords();
    for (let number = 0; number < 1100; number++) seen.repeats(record(23, RANDOM, number));
    expect(seen.repeats(record(23, RANDOM, 0))).toBe(false);
    expect(seen.repeats(record(23, RANDOM, 1099))).toBe(true);
  });
});
