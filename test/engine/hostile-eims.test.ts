/** An eIM that is down, slow, endless or shows a wrong certificate: the verdict and its cause, from the run of a sequence. */
import { createServer as createTls } from 'node:tls';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EsipaChannel } from '../../drivers/eim-contract.js';
import { EimSession } from '../../src/engine/eim-session.js';
import { loadTarget } from '../../src/engine/load-target.js';
import { runSequence } from '../../src/engine/run-sequence.js';
import type { SequenceResult } from '../../src/engine/result.js';
import type { Sequence } from '../../src/engine/suite.js';
import { packageRoot } from '../../src/protocol/package-root.js';
import { loadPkiFolder } from '../../src/protocol/pki/folder.js';
import {
  channel,
  cleanUp,
  EIM,
  CA,
  httpsServer,
  issue,
  listen,
  OTHER_CA,
  tcpServer,
} from '../drivers/eim-https/support.js';
import { ScriptedEim } from './support/scripted-eim.js';
import { sequence, suiteOf, testCase } from './support/suite-files.js';

afterEach(cleanUp);

const STEPS = `- S_IPA -> eIM: { GetEimPackageRequest: { eidValue: $EID1 } }
  eIM -> S_IPA: { GetEimPackageResponse: { eimPackageError: noEimPackageAvailable } }
  rq: [RQ-ONE]`;

async function judged(esipa: EsipaChannel): Promise<SequenceResult> {
  const suite = suiteOf({
    'suites/sgp33-3-eim/case.yaml': testCase(sequence(STEPS)).replace('TC_eUICC_Test', 'TC_eIM_Test'),
    'fixtures/constants/d.yaml': 'EID1: "00"\n',
  });
  const driver = new ScriptedEim();
  Object.defineProperty(driver, 'esipa', { value: esipa });
  const root = packageRoot();
  const target = { ...loadTarget(root, join(root, 'config/targets/builtin-eim.yaml')), constants: new Map() };
  const session = new EimSession({ suite, target, driver, pki: loadPkiFolder() });
  return (await runSequence(suite.testCases[0]?.sequences[0] as Sequence, session)).result;
}

const DEADLINE = { deadlineMs: 400 };
const told = ({ verdict, problems }: SequenceResult): (string | undefined)[] => [verdict, problems[0]?.cause];

/** A TLS server that writes without end once it was asked. */
async function endless(head: string, piece: string): Promise<number> {
  const server = createTls({ cert: EIM.cert, key: EIM.key }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(head);
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on('drain', more);
      more();
    });
  });
  server.on('tlsClientError', () => undefined);
  return listen(server);
}

describe('an eIM that is not there', () => {
  it('is the environment', async () => {
    const port = await tcpServer(() => undefined);
    await cleanUp();
    expect(told(await judged(channel(port, DEADLINE)))).toEqual(['INCONCLUSIVE', 'environment']);
  });
});

describe('an eIM that is there', () => {
  it.each([
    ['stays silent', (): Promise<number> => tcpServer(() => undefined), 'timeout'],
    [
      'resets in the handshake',
      (): Promise<number> =>
        tcpServer((socket: Socket) => socket.once('data', () => socket.resetAndDestroy())),
      'unexpected',
    ],
    ['is half-open', (): Promise<number> => tcpServer((socket: Socket) => void socket.end()), 'unexpected'],
    [
      'answers the handshake and no request',
      async (): Promise<number> => (await httpsServer(() => undefined)).port,
      'timeout',
    ],
    [
      'sends headers without end',
      (): Promise<number> => endless('HTTP/1.1 200 OK\r\n', `X-Filler: ${'x'.repeat(4096)}\r\n`),
      'malformed',
    ],
    [
      'sends a body of 1 GB',
      (): Promise<number> =>
        endless('HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n', 'x'.repeat(65536)),
      'malformed',
    ],
    [
      'shows an expired certificate',
      async (): Promise<number> => {
        const old = issue({ issuer: CA, from: -30, to: -1 });
        return (await httpsServer(undefined, { cert: old.cert, key: old.key })).port;
      },
      'wrong-value',
    ],
    [
      'shows the certificate of another host',
      async (): Promise<number> => {
        const other = issue({ issuer: CA, dns: ['other.example.com'] });
        return (await httpsServer(undefined, { cert: other.cert, key: other.key })).port;
      },
      'wrong-value',
    ],
    [
      'shows a certificate of a CA that nobody trusts',
      async (): Promise<number> => {
        const foreign = issue({ issuer: OTHER_CA });
        return (await httpsServer(undefined, { cert: foreign.cert, key: foreign.key })).port;
      },
      'wrong-value',
    ],
  ] as const)('and %s FAILs', async (_, serve, cause) => {
    // What takes bytes has the deadline to take them in; what waits ends at it.
    const options = cause === 'timeout' ? DEADLINE : {};
    const result = await judged(channel(await serve(), options));
    expect(told(result)).toEqual(['FAIL', cause]);
    expect(result.problems[0]?.requirements).toEqual(['RQ-ONE']);
  });
});
