/** Answers of an eIM in the JSON binding of ESipa, written: for simulators, and to prove the reading (SGP.32 6.4.1). */
import { integerFromBytes } from '../asn1/primitive.js';
import type { Sgp32Version } from '../types/versions.js';
import { answerFromJson } from './answer.js';
import { elementsOf, onlyElement, shapeToJson, type Element } from './coding.js';
import { ESIPA_FUNCTIONS, answerShape, type AnswerShape, type EsipaFunction } from './members.js';
import { notInJson } from './request.js';
import { statusCodesOf } from './status-codes.js';

export interface JsonAnswerBody {
  readonly functionName: EsipaFunction;
  readonly body: Record<string, unknown>;
}

export interface AnswerToJsonOptions {
  /** GetEimPackage can tell its error in two ways; by default in the header. */
  readonly errorForm?: 'header' | 'body';
}

const header = (
  status: 'Executed-Success' | 'Failed',
  codes?: { readonly subjectCode: string; readonly reasonCode: string },
): Record<string, unknown> => ({
  functionExecutionStatus: { status, ...(codes === undefined ? {} : { statusCodeData: { ...codes } }) },
});

/**
 * The JSON answer that says what an EsipaMessageFromEimToIpa says. HandleNotification has no answer to translate.
 * @throws {Sgp33Error} `not-in-json` when the JSON binding has no words for these very bytes.
 */
export function answerToJson(
  version: Sgp32Version,
  message: Uint8Array,
  options: AnswerToJsonOptions = {},
): JsonAnswerBody {
  const outer = onlyElement(message);
  const functionName = ESIPA_FUNCTIONS.find((name) => answerShape(version, name)?.tag === outer?.tag);
  const shape = functionName && answerShape(version, functionName);
  const elements = outer && elementsOf(outer.content);
  if (outer === undefined || functionName === undefined || shape === undefined || elements === undefined)
    throw notInJson(message, 'an answer of an eIM, BF39 to BF50');
  const body =
    errorBody(functionName, shape, elements, options) ?? successBody(shape, outer.content, elements);
  if (body === undefined) throw notInJson(message, 'known elements only');
  const again = answerFromJson(version, functionName, 200, body).data;
  if (Buffer.compare(again, message) !== 0)
    throw notInJson(message, 'elements in the order and the form of DER, and a code that is mapped');
  return { functionName, body };
}

function errorBody(
  functionName: EsipaFunction,
  shape: AnswerShape,
  elements: readonly Element[],
  options: AnswerToJsonOptions,
): Record<string, unknown> | undefined {
  const [first] = elements;
  if (elements.length !== 1 || first === undefined || first.tag !== shape.error) return undefined;
  const code = Number(integerFromBytes(first.content).value);
  if (functionName === 'getEimPackage' && options.errorForm === 'body')
    return { header: header('Executed-Success'), eimPackageError: code };
  return { header: header('Failed', statusCodesOf(functionName, code)) };
}

function successBody(
  shape: AnswerShape,
  content: Uint8Array,
  elements: readonly Element[],
): Record<string, unknown> | undefined {
  if (shape.empty !== undefined && Buffer.compare(shape.empty, content) === 0)
    return { header: header('Executed-Success') };
  for (const arm of shape.arms) {
    const [first] = elements;
    const inside =
      arm.tag === undefined
        ? elements
        : elements.length === 1 && first?.tag === arm.tag
          ? elementsOf(first.content)
          : undefined;
    const members = inside && shapeToJson(arm, inside);
    if (members !== undefined) return { header: header('Executed-Success'), ...members };
  }
  return undefined;
}
