/** What the device did to its card and nobody has looked at yet, in order and within bounds. */
import { TransportError } from '../contract.js';
import type { CardCommand } from '../ipad-contract.js';

/** Of both the commands and their bytes: what is above, the oldest first, is thrown away. */
const MOST_COMMANDS = 4096;
const MOST_BYTES = 16 * 1024 * 1024;

const sizeOf = ({ command, response }: CardCommand): number => command.length + response.length;

type Taker = (command: CardCommand | undefined) => void;

export class CommandQueue {
  #waiting: CardCommand[] = [];
  #bytes = 0;
  #lost = 0;
  readonly #takers = new Set<Taker>();

  add(command: CardCommand): void {
    const [taker] = this.#takers;
    if (taker !== undefined) {
      this.#takers.delete(taker);
      taker(command);
      return;
    }
    this.#waiting.push(command);
    this.#bytes += sizeOf(command);
    while (this.#waiting.length > MOST_COMMANDS || this.#bytes > MOST_BYTES) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) return;
      this.#bytes -= sizeOf(oldest);
      this.#lost += 1;
    }
  }

  /**
   * The next one; whoever asked first gets it.
   * @returns undefined when none came before the deadline. @throws {TransportError} `aborted`.
   */
  next(deadlineMs: number, signal?: AbortSignal): Promise<CardCommand | undefined> {
    const ready = this.#take();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const aborted = (): Error => new TransportError('aborted', 'the wait for a command was aborted');
      if (signal?.aborted === true) {
        reject(aborted());
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        this.#takers.delete(taker);
        signal?.removeEventListener('abort', abort);
      };
      const taker: Taker = (command) => {
        end();
        resolve(command);
      };
      const abort = (): void => {
        end();
        reject(aborted());
      };
      const timer = setTimeout(() => taker(undefined), deadlineMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.#takers.add(taker);
    });
  }

  #take(): CardCommand | undefined {
    const first = this.#waiting.shift();
    if (first === undefined) return undefined;
    this.#bytes -= sizeOf(first);
    const lost = this.#lost;
    this.#lost = 0;
    return lost === 0 ? first : { ...first, facts: { ...first.facts, lost: String(lost) } };
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.#lost = 0;
  }

  /** Nobody waits any longer. */
  close(): void {
    this.clear();
    for (const taker of [...this.#takers]) taker(undefined);
  }
}
