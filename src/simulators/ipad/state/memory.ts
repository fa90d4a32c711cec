/** What the IPAd itself remembers: which eIM is still to be told of which change, and what was begun. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Sgp33Error } from '../../../protocol/errors.js';

/** StateChangeCause (SGP.32 5.14.5). */
export const CAUSE = {
  otherEim: 0,
  fallback: 1,
  emergencyProfile: 2,
  reset: 4,
  immediateEnableProfile: 5,
  deviceChange: 6,
  undefined: 127,
} as const;

export interface PendingRollback {
  readonly eimId: string;
  /** Of the result that could not be delivered yet. */
  readonly seqNumber: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface IpadState {
  readonly format: 1;
  /** The eUICC that was here last. */
  readonly eid?: string;
  /** Of the device that the IPAd ran in last. */
  readonly deviceId?: string;
  /** GetEimConfigurationDataResponse of the last start, hex. */
  readonly eims?: string;
  /** StateChangeCause by eimId, until that eIM was told. */
  readonly changes: Readonly<Record<string, number>>;
  readonly rollback?: PendingRollback;
  /** The AddInitialEim that was tried: its SHA-256, and whether the eUICC took it. */
  readonly initialEim?: { readonly digest: string; readonly taken: boolean };
  /** httpParams of the enabled Profile, hex. */
  readonly httpParams?: string;
  /** Cycles in a row in which no eIM could be reached. */
  readonly lostCycles: number;
  /** The fallback was refused, and is not tried again before an eIM was reached. */
  readonly fallbackRefused?: boolean;
  /** An eUICC Package that was begun, hex; only a defect looks at it. */
  readonly package?: string;
}

const FRESH: IpadState = { format: 1, changes: {}, lostCycles: 0 };

export class Memory {
  #state: IpadState;

  /**
   * @param file undefined: all ends with the process.
   * @throws {Sgp33Error} `ipad-state-file` for a file that holds something else.
   */
  constructor(private readonly file?: string) {
    this.#state = file === undefined ? FRESH : load(file);
  }

  get state(): IpadState {
    return this.#state;
  }

  /** Stored before it returns: a kill at any time leaves the one state or the other. @throws {Sgp33Error} `ipad-state-file`. */
  change(change: { readonly [K in keyof IpadState]?: IpadState[K] | undefined }): void {
    const next = Object.fromEntries(
      Object.entries({ ...this.#state, ...change }).filter(([, value]) => value !== undefined),
    ) as unknown as IpadState;
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#state = next;
    if (this.file !== undefined) save(this.file, JSON.stringify(next));
  }
}

function load(file: string): IpadState {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return FRESH;
    throw wrong(file, 'the state file can not be read', cause);
  }
  const state = parse(text);
  if (state === undefined) throw wrong(file, 'no state file of an IPAd');
  return state;
}

function parse(text: string): IpadState | undefined {
  try {
    const value = JSON.parse(text) as Partial<IpadState> | null;
    const fits =
      value?.format === 1 && typeof value.lostCycles === 'number' && typeof value.changes === 'object';
    return fits ? (value as IpadState) : undefined;
  } catch {
    return undefined;
  }
}

function save(file: string, json: string): void {
  const draft = `${file}.${String(process.pid)}.tmp`;
  try {
    const descriptor = openSync(draft, 'w');
    try {
      writeSync(descriptor, json);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw wrong(file, 'the state of the IPAd can not be stored', cause);
  }
}

const wrong = (file: string, what: string, cause?: unknown): Sgp33Error =>
  new Sgp33Error('ipad-state-file', what, {
    place: file,
    repair: 'Name another file, or remove this one: the IPAd starts as new then.',
    ...(cause === undefined ? {} : { cause }),
  });
