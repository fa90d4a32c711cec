/**
 * The child process that holds the PC/SC connection (`node host.js auto|pcsclite|ffi`).
 *
 * A PC/SC call that a silent card blocks can not be cancelled, and a thread that hangs in it keeps a process from
 * ending. So the calls live here, and the driver kills this process when a deadline passes.
 */
import { Socket } from 'node:net';
import { ScardError, type BindingName, type PcscBinding } from './binding.js';
import { openFfiBinding } from './binding-ffi.js';
import { openPcscliteBinding } from './binding-pcsclite.js';
import { dieWithParent } from './die-with-parent.js';
import {
  apduFrame,
  FrameKind,
  FrameReader,
  messageFrame,
  messageOf,
  PIPE_FD,
  START_ID,
  type Frame,
  type HostReply,
  type HostRequest,
} from './host-protocol.js';

// Ctrl-C reaches the whole process group; the driver decides when the card is let go.
process.on('SIGINT', () => {});

const pipe = new Socket({ fd: PIPE_FD, readable: true, writable: true });
// exit() would wait for a blocked thread.
const die = (): void => void process.kill(process.pid, 'SIGKILL');
pipe.on('end', die).on('close', die).on('error', die);
const frames = new FrameReader(Infinity, (frame) => void answer(frame));
pipe.on('data', (chunk: Buffer) => frames.push(chunk));

const reasons: string[] = [];
const binding = await load(process.argv[2] ?? 'auto');
reply(
  START_ID,
  binding === undefined ? { kind: 'unusable', reasons } : { kind: 'ready', binding: binding.name },
);

async function load(wanted: string): Promise<PcscBinding | undefined> {
  const openers: Readonly<Record<BindingName, () => PcscBinding | Promise<PcscBinding>>> = {
    pcsclite: openPcscliteBinding,
    ffi: () => openFfiBinding({ blocking: dieWithParent(Number(process.argv[3])) }),
  };
  for (const name of ['pcsclite', 'ffi'] as const) {
    if (wanted !== 'auto' && wanted !== name) continue;
    try {
      return await openers[name]();
    } catch (error) {
      reasons.push(`${name}: ${firstLineOf(error)}`);
    }
  }
  return undefined;
}

async function answer({ id, kind, body }: Frame): Promise<void> {
  if (binding === undefined) return;
  try {
    if (kind === FrameKind.APDU) pipe.write(apduFrame(id, await binding.transmit(body)));
    else reply(id, { kind: 'result', value: await perform(binding, messageOf(body) as HostRequest) });
  } catch (error) {
    if (error instanceof ScardError)
      reply(id, { kind: 'scard-error', call: error.message, code: error.code });
    else reply(id, { kind: 'failure', message: firstLineOf(error) });
  }
}

function perform(binding: PcscBinding, request: HostRequest): Promise<unknown> {
  switch (request.call) {
    case 'listReaders':
      return binding.listReaders();
    case 'connect':
      return binding.connect(...request.parameters);
    case 'disconnect':
      return binding.disconnect(...request.parameters);
  }
}

function reply(id: number, message: HostReply): void {
  pipe.write(messageFrame(id, message));
}

function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
