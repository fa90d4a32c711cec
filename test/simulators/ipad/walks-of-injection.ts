/** Packages that an eIM injects. */
import { request } from 'node:http';
import { encode, tlv } from '../../../src/protocol/asn1/index.js';
import { IpaEuiccDataRequest } from '../../../src/protocol/types/eim-package.js';
import { listenForPackages } from '../../../src/simulators/ipad/index.js';
import { enable } from '../euicc/eim.js';
import { bytes, hex, ICCID1 } from '../euicc/terminal.js';
import { masked, type Bench } from './bench.js';
import type { Walks } from './walks.js';

type Inject = (message: Uint8Array) => Promise<void>;

/** A listener of the device, and what comes of a message to it. */
async function injecting(b: Bench): Promise<Inject> {
  const listener = await listenForPackages({
    at: { host: '127.0.0.1', port: 0 },
    device: b.device,
    log: (line) => b.log.push(line),
  });
  b.atEnd(() => listener.close());
  return async (message) => {
    const { status, body } = await post(listener.port, message);
    b.say('answer', `${String(status)} ${masked(hex(body))}`);
    await b.settled();
    await b.note();
  };
}

export function post(
  port: number,
  body: Uint8Array,
  more: { path?: string; method?: string; type?: string } = {},
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      method: more.method ?? 'POST',
      path: more.path ?? '/gsma/rsp2/asn1',
      headers: { 'content-type': more.type ?? 'application/x-gsma-rsp-asn1', 'content-length': body.length },
      agent: false,
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
    });
    sent.end(body);
  });
}

const TRIGGER = tlv(0xbf54, bytes('A00F800D31244578616D706C652E63244282020102'));

export const INJECTION_WALKS: Walks = {
  'injected packages': {
    go: async (b) => {
      const inject = await injecting(b);
      const { signer } = b.eim;
      await inject(tlv(0xbf4e, signer.psmos([enable(ICCID1)], { transactionId: 'A1B2' })));
      b.say('left', hex((await b.card.inspect(bytes('BF2B04A0028200'))).data).length);
      await inject(tlv(0xbf4e, tlv(0xbf53, bytes('800102800101'))));
      b.say('left', hex((await b.card.inspect(bytes('BF2B04A0028200'))).data).length);
      await inject(tlv(0xbf4e, encode(IpaEuiccDataRequest, { tagList: bytes('BF20') })));
      await inject(tlv(0xbf4e, TRIGGER));
    },
    shows: [
      ...['transfer-without-notifications', 'transferred-acknowledgements-ignored'],
      ...['transferred-trigger-answered-at-once'],
    ],
  },
  'injected nonsense': {
    go: async (b) => {
      const inject = await injecting(b);
      await inject(bytes('BF4E05BF51'));
      await inject(bytes('BF4E03BF5500'));
      await inject(bytes('BF4E03BF5200'));
      b.card.fault([{ function: 'BF30', response: bytes('BF3100') }]);
      await inject(tlv(0xbf4e, tlv(0xbf53, bytes('800101'))));
    },
    shows: [
      ...['unknown-transfer-as-invalid', 'undecodable-transfer-as-undefined', 'transfer-fault-as-invalid'],
    ],
  },
};
