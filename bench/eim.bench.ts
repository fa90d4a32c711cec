/**
 * The eIM path against the built-in eIM over real HTTPS, in one process: sequences a second with 1, 4 and 16 at once; what
 * the engine adds to the bare exchange (the same dialogue by S_IPA without it); and the server against a bare one.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { targetFile } from '../src/cli/load.js';
import { planRun, sessionFor } from '../src/cli/run/plan-run.js';
import { runSequence } from '../src/engine/run-sequence.js';
import type { Sequence } from '../src/engine/suite.js';
import { loadPkiFolder } from '../src/protocol/pki/folder.js';
import { newEid } from '../src/simulators/euicc/index.js';
import { serveEim } from '../src/simulators/eim/serve/index.js';
import { certificatePem } from '../src/protocol/pki/pem.js';
import { BareEimDialogue, HEADERS } from './support/bare-eim-dialogue.js';
import { median, type BenchResult } from './support/measure.js';

const ID = 'TC_eIM_ProfileEnable_TLS_eIM_Pkg_Retrieval#01';
const OWN_SHARE = 0.15;
const WARM_UP = 100;
const ROUNDS = 150;
/** No SM-DP+: Notifications wait. Nothing leaves the machine. */
const NOWHERE = { 'testsmdpplus1.example.com': '127.0.0.1:9' };

export async function run(): Promise<BenchResult[]> {
  return [...(await throughput()), await ownShare(), await server()];
}

/** Sequences a second, so many at once. */
async function throughput(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  let single = 0;
  for (const atOnce of [1, 4, 16]) {
    const { session, sequence } = prepared();
    await inParallel(atOnce, 16, () => runSequence(sequence, session));
    const began = performance.now();
    await inParallel(atOnce, 96, () => runSequence(sequence, session));
    const perSecond = 96 / ((performance.now() - began) / 1000);
    await session.driver.close();
    if (atOnce === 1) single = perSecond;
    results.push({
      name: `sequences a second on the built-in eIM, ${atOnce} device${atOnce === 1 ? '' : 's'} at once`,
      value: `${perSecond.toFixed(1)} (${(perSecond / single).toFixed(2)} times one)`,
      goal: 'none',
      ok: true,
    });
  }
  return results;
}

function prepared(): { session: ReturnType<typeof sessionFor>; sequence: Sequence } {
  const planned = planRun({ target: targetFile('builtin-eim'), filter: { ids: [ID] }, defects: [] });
  const sequence = planned.planned[0]?.sequence;
  if (sequence === undefined) throw new Error(`no ${ID}`);
  return { session: sessionFor(planned), sequence };
}

async function inParallel(atOnce: number, times: number, work: () => Promise<unknown>): Promise<void> {
  let left = times;
  const one = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/**
 * The sequence with the engine, and the same dialogue without: the same device making, exchanges, signatures and writes to
 * the disk, in turns, so that the machine's mood hits both. A run has hundreds of sequences, so both are warm.
 */
async function ownShare(): Promise<BenchResult> {
  const { session, sequence } = prepared();
  const dialogue = await BareEimDialogue.open();
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let i = -WARM_UP; i < ROUNDS; i++) {
    const began = performance.now();
    const { result } = await runSequence(sequence, session);
    const middle = performance.now();
    await dialogue.once();
    const ended = performance.now();
    if (result.verdict !== 'PASS') throw new Error(`${ID}: ${result.verdict}`);
    if (i < 0) continue;
    ours.push(middle - began);
    bare.push(ended - middle);
  }
  await session.driver.close();
  await dialogue.close();
  const share = median(ours) / median(bare) - 1;
  return {
    name: 'what the engine adds to the bare exchange with its signatures, one sequence',
    value: `${(100 * share).toFixed(0)} % (${median(ours).toFixed(1)} ms / ${median(bare).toFixed(1)} ms)`,
    goal: `under ${100 * OWN_SHARE} %`,
    ok: share < OWN_SHARE,
  };
}

/** Requests a second: the built-in eIM with nothing to deliver, and node:https that answers the same bytes. */
async function server(): Promise<BenchResult> {
  const pki = loadPkiFolder();
  const { certificate, privateKey } = pki.identity('EIM_TLS');
  const served = await serveEim({ https: { port: 0 }, resolve: NOWHERE });
  const eid = newEid();
  await served.eim.operator.addDevice({ eid, associationToken: 1, counterValue: 0 });
  const message = Buffer.from(`BF4F125A10${eid}`, 'hex');
  const answer = await served.eim.handleEsipa(message);
  const bare = createServer(
    {
      cert: certificatePem(certificate.der),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    },
    (incoming, response) => {
      incoming.resume();
      incoming.on('end', () => {
        response.writeHead(200, HEADERS).end(answer);
      });
    },
  );
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({
    connections: 8,
    connect: { rejectUnauthorized: false, servername: 'localhost' },
  });
  const urls = {
    ours: `${served.https ?? ''}/gsma/rsp2/asn1`,
    bare: `https://127.0.0.1:${(bare.address() as AddressInfo).port}/`,
  };
  const times: Record<keyof typeof urls, number[]> = { ours: [], bare: [] };
  for (let round = -2; round < 10; round++)
    for (const name of ['ours', 'bare'] as const) {
      const began = performance.now();
      await inParallel(8, 200, async () => {
        const { body } = await request(urls[name], {
          method: 'POST',
          headers: HEADERS,
          body: message,
          dispatcher: agent,
        });
        await body.arrayBuffer();
      });
      if (round >= 0) times[name].push(performance.now() - began);
    }
  await agent.close();
  await new Promise((resolve) => bare.close(resolve));
  await served.close();
  const [ours, theirs] = [median(times.ours), median(times.bare)];
  return {
    name: 'requests a second of the built-in eIM / of a bare node:https server with the same bytes',
    value: `${(theirs / ours).toFixed(2)} (${(200_000 / ours).toFixed(0)} / ${(200_000 / theirs).toFixed(0)})`,
    goal: 'none',
    ok: true,
  };
}
