/**
 * The child process that holds the PC/SC connection (`node host.js auto|pcsclite|ffi`).
 *
 * A PC/SC call that a silent card blocks can not be cancelled, and a thread that hangs in it keeps a process from
 * ending. So the calls live here, and the driver kills this process when a deadline passes.
 */
import { ScardError, type BindingName, type PcscBinding } from './binding.js';
import { openFfiBinding } from './binding-ffi.js';
import { openPcscliteBinding } from './binding-pcsclite.js';
import type { HostReply, HostRequest } from './host-protocol.js';

// Ctrl-C reaches the whole process group; the driver decides when the card is let go.
process.on('SIGINT', () => {});
// exit() would wait for a blocked thread.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const reasons: string[] = [];
const binding = await load(process.argv[2] ?? 'auto');
if (binding === undefined) {
  reply({ kind: 'unusable', reasons });
} else {
  process.on('message', (request: HostRequest) => void answer(binding, request));
  reply({ kind: 'ready', binding: binding.name });
}

async function load(wanted: string): Promise<PcscBinding | undefined> {
  const openers: Readonly<Record<BindingName, () => PcscBinding | Promise<PcscBinding>>> = {
    pcsclite: openPcscliteBinding,
    ffi: openFfiBinding,
  };
  for (const name of ['pcsclite', 'ffi'] as const) {
    if (wanted !== 'auto' && wanted !== name) continue;
    try {
      return await openers[name]();
    } catch (error) {
      reasons.push(`${name}: ${messageOf(error)}`);
    }
  }
  return undefined;
}

async function answer(binding: PcscBinding, request: HostRequest): Promise<void> {
  const { id } = request;
  try {
    reply({ kind: 'result', id, value: await perform(binding, request) });
  } catch (error) {
    if (error instanceof ScardError)
      reply({ kind: 'scard-error', id, call: error.message, code: error.code });
    else reply({ kind: 'failure', id, message: messageOf(error) });
  }
}

function perform(binding: PcscBinding, request: HostRequest): Promise<unknown> {
  switch (request.call) {
    case 'listReaders':
      return binding.listReaders();
    case 'connect':
      return binding.connect(...request.parameters);
    case 'transmit':
      return binding.transmit(...request.parameters);
    case 'disconnect':
      return binding.disconnect(...request.parameters);
  }
}

function reply(message: HostReply): void {
  process.send?.(message);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
