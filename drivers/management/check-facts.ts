/** What the facts of an answer must be, so that a wrong mapping is told where it is and not as a fault of the eIM. */
import type { FactMap, Facts, ManagementOperation } from '../eim-contract.js';
import { answerError } from './errors.js';
import { OPERATION_SHAPES } from './parameters.js';

export const ORDER_STATUSES = ['pending', 'delivered', 'done', 'failed'] as const;

const wrong = (operation: string, member: string, expected: string, actual: Facts | undefined): Error =>
  answerError(`the mapping of ${operation} gives no such answer`, {
    place: member,
    expected,
    actual: actual === undefined ? 'nothing' : JSON.stringify(actual).slice(0, 200),
  });

const listOf = (facts: Facts | undefined): readonly Facts[] | undefined =>
  Array.isArray(facts) ? (facts as readonly Facts[]) : undefined;

const mapOf = (facts: Facts | undefined): FactMap | undefined =>
  typeof facts === 'object' && !Array.isArray(facts) ? (facts as FactMap) : undefined;

/** @throws {Sgp33Error} `management-answer`. */
export function checkFacts(operation: ManagementOperation, facts: FactMap): void {
  const need = (
    member: string,
    good: (f: Facts | undefined) => boolean,
    expected: string,
    at: FactMap = facts,
  ): void => {
    if (!good(at[member])) throw wrong(operation, member, expected, at[member]);
  };
  const text = (f: Facts | undefined): boolean => typeof f === 'string' && f !== '';
  const among =
    (...words: readonly string[]) =>
    (f: Facts | undefined): boolean =>
      typeof f === 'string' && words.includes(f);
  const orNot =
    (good: (f: Facts | undefined) => boolean) =>
    (f: Facts | undefined): boolean =>
      f === undefined || good(f);

  if (OPERATION_SHAPES[operation].order) need('order', text, 'what `outcome` is asked for');
  if (operation === 'exportEimConfiguration')
    need(
      facts['eimConfigurationData'] === undefined ? 'eimId' : 'eimConfigurationData',
      text,
      'eimConfigurationData or eimId',
    );
  if (operation === 'outcome') {
    need('status', among(...ORDER_STATUSES), ORDER_STATUSES.join(', '));
    need('authenticated', orNot(among('true', 'false')), 'true or false');
    need(
      'results',
      orNot((f) => listOf(f) !== undefined),
      'a list',
    );
    for (const result of listOf(facts['results']) ?? [])
      for (const member of ['operation', 'code'])
        need(member, text, `a text in each of results`, mapOf(result) ?? {});
  }
  if (operation === 'device') {
    need('associated', orNot(among('true', 'false')), 'true or false');
    need(
      'profiles',
      orNot((f) => listOf(f) !== undefined),
      'a list',
    );
    for (const profile of listOf(facts['profiles']) ?? []) {
      const members = mapOf(profile) ?? {};
      need(
        'iccid',
        (f) => typeof f === 'string' && /^[0-9A-F]{20}$/.test(f),
        'the 10 bytes of tag 5A in hex',
        members,
      );
      need('state', among('enabled', 'disabled'), 'enabled or disabled', members);
    }
  }
}
