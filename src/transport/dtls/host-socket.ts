/** UDP sockets of the child process. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';

/** Bytes; a burst of handshakes must not be lost in the kernel. The system may give less. */
const RECEIVE_BUFFER = 1 << 20;

export interface ResolvedHost {
  readonly address: string;
  readonly family: 4 | 6;
}

/** @throws the system's error: `ENOTFOUND`, `EAI_AGAIN`. */
export async function resolveHost(host: string): Promise<ResolvedHost> {
  const { address, family } = await lookup(host);
  return { address, family: family === 6 ? 6 : 4 };
}

export function openSocket({ family }: ResolvedHost): Socket {
  return createSocket({ type: family === 6 ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER });
}

/** The address in a message or an error, as a URL has it. */
export function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
