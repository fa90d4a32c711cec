/** EuiccResultData, one operation's result, as the operator is told (SGP.32 2.11.2.1). */
import { Malformed, type Tlv } from '../tlv/reader.js';
import { hex } from '../tlv/writer.js';
import { bitsOfContent, elements, integerOf, Members, oneElement, textOf } from './ber.js';
import type { EimCore } from './core.js';
import { nameOf, RESULT_KINDS } from './result-codes.js';
import type { OperationOutcome, PackageOperation } from './types.js';

/** What a listProfileInfo tells of one Profile; what it did not tell is undefined. */
export interface ListedProfile {
  readonly iccid?: string | undefined;
  readonly isdpAid?: string | undefined;
  readonly profileState?: 'enabled' | 'disabled' | undefined;
  readonly profileClass?: string | undefined;
  readonly profileNickname?: string | undefined;
  readonly serviceProviderName?: string | undefined;
  readonly profileName?: string | undefined;
  readonly fallbackAttribute: boolean;
  readonly fallbackAllowed?: boolean | undefined;
  readonly ecallIndication?: boolean | undefined;
}

const PROFILE_CLASSES = ['test', 'provisioning', 'operational'];
const POLICY_RULES = ['pprUpdateControl', 'ppr1', 'ppr2'];
const ID_TYPES: Readonly<Record<number, string>> = { 1: 'oid', 2: 'fqdn', 3: 'proprietary' };

/** @throws {Malformed} for a result that is none of that operation. */
export function outcomeOf(core: EimCore, { operation }: PackageOperation, element: Tlv): OperationOutcome {
  const { tag, codes } = RESULT_KINDS[operation];
  if (element.tag !== tag) throw new Malformed('the result of another operation');
  const { code, data } = content(core, operation, element);
  const lastEim = code === 2 && operation === 'deleteEim' && core.defects.has('last-eim-deleted-as-failure');
  const blind = code !== 0 && core.defects.has('error-code-recorded-as-ok');
  const name = lastEim ? 'undefinedError' : blind ? 'ok' : nameOf(codes, code);
  return data === undefined ? { operation, code: name } : { operation, code: name, data };
}

interface Content {
  readonly code: number;
  readonly data?: unknown;
}

function content(core: EimCore, operation: PackageOperation['operation'], element: Tlv): Content {
  switch (operation) {
    case 'listProfileInfo':
      return choice(element, (list) => elements(list).map(listedProfile));
    case 'listEim':
      return choice(element, (list) => {
        const eims = elements(list).map(({ content: entry }) => eimIdInfo(core, entry));
        if (eims.length === 0 && core.defects.has('empty-eim-list-refused')) throw new Malformed('no eIM');
        return core.defects.has('only-first-listed-eim') ? eims.slice(0, 1) : eims;
      });
    case 'getRAT': {
      const rules = elements(element.content).map(rule);
      return { code: 0, data: core.defects.has('rat-reversed') ? rules.reverse() : rules };
    }
    case 'addEim':
      return added(core, element);
    case 'setDefaultDpAddress':
      return { code: integerOf(oneElement(element.content).content) };
    default:
      return { code: integerOf(element.content) };
  }
}

/** A0 list, or 81 error. */
function choice(element: Tlv, read: (list: Uint8Array) => unknown): Content {
  const arm = oneElement(element.content);
  if (arm.tag === 0xa0) return { code: 0, data: read(arm.content) };
  if (arm.tag === 0x81) return { code: integerOf(arm.content) };
  throw new Malformed('neither a list nor an error');
}

/** The token, when one was asked for; else a code. */
function added({ defects }: EimCore, element: Tlv): Content {
  const arm = oneElement(element.content);
  if (arm.tag === 0x02) return { code: integerOf(arm.content) };
  if (arm.tag !== 0x84) throw new Malformed('neither a token nor a code');
  const data = { associationToken: integerOf(arm.content) };
  return defects.has('added-eim-token-lost') ? { code: 0 } : { code: 0, data };
}

function listedProfile({ tag, content: info }: Tlv): ListedProfile {
  if (tag !== 0xe3) throw new Malformed('no ProfileInfo');
  // Not an ordered reading: which elements there are depends on the tagList.
  const found = new Map(elements(info).map((element) => [element.tag, element.content]));
  const text = (t: number): string | undefined => map(found.get(t), textOf);
  const flag = (t: number): boolean | undefined => map(found.get(t), (v) => v.length === 1 && v[0] !== 0);
  const state = map(found.get(0x9f70), integerOf);
  return {
    iccid: map(found.get(0x5a), hex),
    isdpAid: map(found.get(0x4f), hex),
    profileState: state === undefined ? undefined : state === 1 ? 'enabled' : 'disabled',
    profileClass: map(found.get(0x95), (v) => PROFILE_CLASSES[integerOf(v)] ?? String(integerOf(v))),
    profileNickname: text(0x90),
    serviceProviderName: text(0x91),
    profileName: text(0x92),
    fallbackAttribute: flag(0x9f26) ?? false,
    fallbackAllowed: flag(0x9f67),
    ecallIndication: flag(0x9f7b),
  };
}

/** eimIdType has another tag in v1.0.1. */
function eimIdInfo({ version }: EimCore, entry: Uint8Array): { eimId: string; eimIdType?: string } {
  const members = new Members(entry, [0x80, version === '1.2' ? 0x82 : 0x84]);
  const type = members.integer(version === '1.2' ? 0x82 : 0x84);
  const eimId = members.text(0x80);
  if (eimId === undefined) throw new Malformed('EimIdInfo without eimId');
  return type === undefined ? { eimId } : { eimId, eimIdType: ID_TYPES[type] ?? String(type) };
}

/** ProfilePolicyAuthorisationRule (SGP.22 2.8.1.2). */
function rule({ content: entry }: Tlv): unknown {
  const members = new Members(entry, [0x80, 0xa1, 0x82]);
  const operators = elements(members.content(0xa1) ?? new Uint8Array(0)).map((operator) => {
    const m = new Members(operator.content, [0x80, 0x81, 0x82]);
    return { mccMnc: m.hex(0x80), gid1: m.hex(0x81), gid2: m.hex(0x82) };
  });
  return {
    pprIds: bits(members.content(0x80)).map((bit) => POLICY_RULES[bit] ?? String(bit)),
    allowedOperators: operators,
    consentRequired: bits(members.content(0x82)).includes(0),
  };
}

const bits = (value: Uint8Array | undefined): number[] => map(value, bitsOfContent) ?? [];

const map = <A, B>(value: A | undefined, change: (value: A) => B): B | undefined =>
  value === undefined ? undefined : change(value);
