/** The body of a request, within its limits. */
import type { Readable } from 'node:stream';
import type { HttpLimits } from './options.js';

export type BodyRead =
  | { readonly fault: 'none'; readonly body: Uint8Array }
  /** `gone`: the peer ended before the body did. */
  | { readonly fault: 'too-large' | 'too-slow' | 'gone' };

/** Reads to the end, the limit or the deadline, whichever comes first. Keeps no more than the limit. */
export function readBody(
  request: Readable,
  limits: Pick<HttpLimits, 'bodyBytes' | 'bodyMs'>,
): Promise<BodyRead> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    const end = (read: BodyRead): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      resolve(read);
    };
    const timer = setTimeout(() => end({ fault: 'too-slow' }), limits.bodyMs);
    const onData = (part: Buffer): void => {
      length += part.length;
      if (length > limits.bodyBytes) {
        request.pause();
        end({ fault: 'too-large' });
      } else parts.push(part);
    };
    const onEnd = (): void => end({ fault: 'none', body: new Uint8Array(Buffer.concat(parts, length)) });
    const onGone = (): void => end({ fault: 'gone' });
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

/** How much of an unwanted body is still taken, so that the peer comes to read the answer. */
const DRAIN_BYTES = 8 << 20;
const DRAIN_MS = 2000;

/** Passes over the rest of a body that was refused, a while; then the connection is cut. */
export function drain(request: Readable & { readonly socket: { destroy(): unknown } }): Promise<void> {
  return new Promise((resolve) => {
    let length = 0;
    const end = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', end).off('close', end);
      request.socket.destroy();
      resolve();
    };
    const timer = setTimeout(end, DRAIN_MS);
    const onData = (part: Buffer): void => {
      length += part.length;
      if (length > DRAIN_BYTES) end();
    };
    if (request.readableEnded || request.destroyed) return end();
    request.on('data', onData).once('end', end).once('close', end);
    request.resume();
  });
}
