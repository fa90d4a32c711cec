/** An eIM in a process of its own, for tests that kill it: lines of JSON in, lines of JSON out. */
import { createInterface } from 'node:readline';
import { createEim, type OrderRequest } from '../../../src/simulators/eim/index.js';

interface Call {
  readonly id: number;
  readonly eid?: string;
  readonly order?: OrderRequest;
  readonly message?: string;
}

const eim = await createEim({ store: process.argv[2] ?? '' });
process.stdout.write('"ready"\n');

async function answer({ eid, order, message }: Call): Promise<unknown> {
  if (message !== undefined) {
    const bytes = await eim.handleEsipa(Buffer.from(message, 'hex'));
    return Buffer.from(bytes ?? [])
      .toString('hex')
      .toUpperCase();
  }
  return eim.operator.order(eid ?? '', order as OrderRequest);
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line) as Call;
  void answer(call).then((value) => process.stdout.write(`${JSON.stringify({ id: call.id, value })}\n`));
}
