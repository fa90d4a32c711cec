/** A resource of the management API: how it is called, what it takes and tells, and what it does. */
import type { z } from 'zod';
import type { Eim } from '../../types.js';
import { errorJson } from './answers.js';

export interface ApiAnswer {
  readonly status: number;
  readonly value?: unknown;
}

export interface AnswerForm {
  readonly description: string;
  readonly schema?: z.ZodType;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/v1/devices/{eid}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: 'devices' | 'orders' | 'order-and-poll' | 'eim';
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerForm>>;
  /** @throws {z.ZodError} for a body of another form; {EimRefusal}. */
  run(eim: Eim, parameters: Readonly<Record<string, string>>, body: unknown): Promise<ApiAnswer>;
}

type Given<B extends z.ZodType> = Omit<Route, 'body' | 'run' | 'answers'> & {
  readonly body: B;
  /** The good answer; refusals are described for all alike. */
  readonly ok: AnswerForm & { readonly status: number };
  readonly refusals?: Readonly<Record<number, string>>;
  readonly handle: (
    eim: Eim,
    parameters: Readonly<Record<string, string>>,
    body: z.output<B>,
  ) => Promise<unknown>;
};

/** A resource with a body. */
export function taking<B extends z.ZodType>({ ok, refusals, handle, body, ...route }: Given<B>): Route {
  return {
    ...route,
    body,
    answers: {
      ...answersOf(ok, refusals),
      400: { description: 'The body is not what is described here', schema: errorJson },
      415: { description: 'The body is not application/json', schema: errorJson },
    },
    async run(eim, parameters, value) {
      return answerWith(ok, await handle(eim, parameters, body.parse(value)));
    },
  };
}

/** A resource without a body. */
export function asking({
  ok,
  refusals,
  handle,
  ...route
}: Omit<Given<z.ZodType>, 'body' | 'handle'> & {
  readonly handle: (eim: Eim, parameters: Readonly<Record<string, string>>) => Promise<unknown>;
}): Route {
  return {
    ...route,
    answers: answersOf(ok, refusals),
    run: async (eim, parameters) => answerWith(ok, await handle(eim, parameters)),
  };
}

const answerWith = ({ status, schema }: Given<z.ZodType>['ok'], value: unknown): ApiAnswer =>
  schema === undefined ? { status } : { status, value };

function answersOf(
  { status, ...form }: Given<z.ZodType>['ok'],
  refusals: Readonly<Record<number, string>> = {},
): Record<number, AnswerForm> {
  return {
    [status]: form,
    ...Object.fromEntries(
      Object.entries(refusals).map(([code, description]) => [code, { description, schema: errorJson }]),
    ),
  };
}
