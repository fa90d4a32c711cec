/** Where an eIM injects packages: TransferEimPackage over HTTP, in the ASN.1 binding (SGP.32 3.1.1.2, 6.1). */
import type { TlsOptions } from 'node:tls';
import { DEFAULT_LIMITS } from '../eim/serve/esipa-listener.js';
import { listenHttp } from '../eim/serve/http-listener.js';
import { mediaType, textAnswer, type HttpAnswer, type HttpHead } from '../eim/serve/http-types.js';
import type { OpenListener } from '../eim/serve/listen.js';
import type { Device } from './device.js';

export interface InjectionOptions {
  readonly at: { readonly host: string; readonly port: number };
  readonly device: Device;
  /** Without it, plain HTTP: the address of an IPAd is not for the specification to say. */
  readonly tls?: TlsOptions;
  readonly log: (line: string) => void;
}

const PATH = '/gsma/rsp2/asn1';
const TYPE = 'application/x-gsma-rsp-asn1';

/** @throws {Sgp33Error} `eim-listener` when the address can not be had. */
export function listenForPackages({ at, device, tls, log }: InjectionOptions): Promise<OpenListener> {
  return listenHttp({
    at,
    limits: DEFAULT_LIMITS,
    ...(tls === undefined ? {} : { tls }),
    service: {
      refuse: (head) => headed(refusalOf(head)),
      tooLarge: () => headed(textAnswer(413, 'The body is too large')),
      answer: async (_head, body) => {
        const response = await device.transfer(body, (work) => {
          work.catch((error: unknown) => log(String(error)));
        });
        return headed({ status: 200, headers: { 'Content-Type': TYPE }, body: response });
      },
    },
  });
}

function refusalOf(head: HttpHead): HttpAnswer | undefined {
  if (head.path.split('?', 1)[0] !== PATH) return textAnswer(404, 'No such resource');
  if (head.method !== 'POST') return textAnswer(405, 'Only POST is allowed', { Allow: 'POST' });
  if (mediaType(head.headers['content-type']) !== TYPE) return textAnswer(415, `Expected ${TYPE}`);
  return undefined;
}

function headed<T extends HttpAnswer | undefined>(answer: T): T {
  if (answer === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'X-Admin-Protocol': 'gsma/rsp/v2.1.0' } };
}
