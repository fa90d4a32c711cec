/** `header.functionExecutionStatus` of a JSON answer (SGP.32 6.4.1, SGP.22 6.5.1.4). */
import type { JsonReader } from './coding.js';
import { isObject, memberOf } from './findings.js';

export interface HeaderOutcome {
  readonly failed: boolean;
  readonly subjectCode?: string;
  readonly reasonCode?: string;
}

const STATUS = '.header.functionExecutionStatus';
const DOTTED = /^\d{1,4}(?:\.\d{1,4}){0,5}$/;

/** Reads the header; without a usable one the members decide, as if the function had been executed. */
export function readHeader(body: Readonly<Record<string, unknown>>, reader: JsonReader): HeaderOutcome {
  const header = memberOf(body, 'header');
  if (!isObject(header)) {
    reader.add(
      'violation',
      'json-header-missing',
      '.header',
      'an object with functionExecutionStatus',
      header,
    );
    return { failed: false };
  }
  const execution = memberOf(header, 'functionExecutionStatus');
  if (!isObject(execution)) {
    reader.add('violation', 'json-header-missing', STATUS, 'an object with status', execution);
    return { failed: false };
  }
  const status = memberOf(execution, 'status');
  const failed = status === 'Failed' || status === 'Expired';
  if (status !== 'Executed-Success' && status !== 'Failed') {
    // SGP.22 has two more; ESipa has no use for them.
    const severity = status === 'Executed-WithWarning' || status === 'Expired' ? 'note' : 'violation';
    reader.add(severity, 'json-header-status', `${STATUS}.status`, 'Executed-Success or Failed', status);
  }
  return { failed, ...statusCodes(execution, failed, reader) };
}

function statusCodes(
  execution: Readonly<Record<string, unknown>>,
  failed: boolean,
  reader: JsonReader,
): { subjectCode?: string; reasonCode?: string } {
  const path = `${STATUS}.statusCodeData`;
  const data = memberOf(execution, 'statusCodeData');
  if (data === undefined) {
    if (failed) reader.add('note', 'json-status-code-missing', path, 'subjectCode and reasonCode', data);
    return {};
  }
  if (!isObject(data)) {
    reader.add('violation', 'json-member-type', path, 'an object', data);
    return {};
  }
  const code = (name: string): string | undefined => {
    const value = memberOf(data, name);
    if (typeof value === 'string' && DOTTED.test(value)) return value;
    reader.add('violation', 'json-status-code', `${path}.${name}`, 'numbers with dots, as 8.1.1', value);
    return undefined;
  };
  const [subjectCode, reasonCode] = [code('subjectCode'), code('reasonCode')];
  return {
    ...(subjectCode === undefined ? {} : { subjectCode }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
  };
}
