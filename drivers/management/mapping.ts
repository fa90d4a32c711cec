/**
 * A vendor's management API as data: what each operation of the operator means to it. Made from YAML by the commands,
 * read by `createManagementApi`. Nothing in it knows where it was written.
 */
import type { ManagementOperation } from '../eim-contract.js';
import type { PathExpression } from './path.js';
import type { Template } from './template.js';

/** What of an answer becomes a fact. */
export type AnswerTemplate =
  /** The first of the paths that leads to something; `map` replaces its text, `*` stands for every other text. */
  | {
      readonly kind: 'value';
      readonly from: readonly PathExpression[];
      readonly map?: ReadonlyMap<string, string>;
      readonly otherwise?: string;
    }
  /** A text made from the parameters and from what was bound. */
  | { readonly kind: 'text'; readonly template: Template }
  /** One fact an element of a list, or a member of a map; without `of` the elements as they are. */
  | { readonly kind: 'each'; readonly list: readonly PathExpression[]; readonly of?: AnswerTemplate }
  | { readonly kind: 'list'; readonly items: readonly AnswerTemplate[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, AnswerTemplate])[] };

export interface HttpCall {
  readonly kind: 'http';
  readonly method: string;
  /** Appended to the base URL. Values in it are percent-encoded. */
  readonly path: Template;
  readonly query: readonly (readonly [string, Template])[];
  readonly headers: readonly (readonly [string, Template])[];
  readonly json?: Template;
  /** application/x-www-form-urlencoded. */
  readonly form?: readonly (readonly [string, Template])[];
}

export interface CommandCall {
  readonly kind: 'command';
  /** Program and arguments, or one line for the shell, in which nothing is replaced. */
  readonly run: readonly Template[] | string;
  readonly env: readonly (readonly [string, Template])[];
  readonly timeoutMs: number;
}

export interface PromptCall {
  readonly kind: 'prompt';
  readonly say: Template;
  /** Name of the answer to the question. */
  readonly ask: readonly (readonly [string, Template])[];
}

export interface Until {
  /** Without it the mapped `status` is looked at. */
  readonly from?: PathExpression;
  readonly is: readonly string[];
  readonly pollMs: number;
  readonly deadlineMs: number;
}

/** When an answer says no. */
export interface Refusal {
  /** HTTP status, or exit code of a command. */
  readonly status?: readonly number[];
  readonly from?: PathExpression;
  readonly is?: readonly string[];
  readonly reason?: PathExpression;
}

export interface CallMapping {
  readonly call: HttpCall | CommandCall | PromptCall;
  /** HTTP status or exit codes that say yes; by default 200 to 299, or 0. */
  readonly accepted?: readonly number[];
  readonly refused?: Refusal;
  readonly bind: readonly (readonly [string, AnswerTemplate])[];
  readonly until?: Until;
}

export interface OperationMapping {
  /** One after the other; what one binds the next may use. */
  readonly steps: readonly CallMapping[];
  /** Of the last call. */
  readonly answer?: AnswerTemplate;
}

export interface HttpSettings {
  /** Without a slash at its end; undefined: that of the context. */
  readonly url?: string;
  readonly headers: readonly (readonly [string, Template])[];
  /** PEM of certificates that sign the server's; undefined: those that Node trusts. */
  readonly ca?: string;
  /** The certificate of the server is not looked at. */
  readonly trustAll?: true;
  readonly servername?: string;
  /** PEM of the client's certificate and key. */
  readonly identity?: { readonly certificate: string; readonly privateKey: string };
  readonly deadlineMs: number;
}

export interface ManagementMapping {
  /** Commands run there; by default the working folder. */
  readonly folder?: string;
  /** Values of `{settings.NAME}`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly http?: HttpSettings;
  readonly operations: ReadonlyMap<ManagementOperation, OperationMapping>;
}
