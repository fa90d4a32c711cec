/** S_eIM that injects: it opens the connection, and the IPAd answers TransferEimPackage (SGP.32 3.1.1.2, 5.14.4). */
import type { EsipaRequest } from '../../drivers/eim-contract.js';
import { bytesToHex, decode, hexToBytes, renderTree, tlv, type TextValue } from '../protocol/asn1/index.js';
import { Sgp33Error } from '../protocol/errors.js';
import { typeByName } from '../protocol/types/index.js';
import { evaluateText } from './evaluate.js';
import type { IpadStage } from './ipad-stage.js';
import { answerAllByDefault } from './party-ipad-esipa.js';
import type { Message } from './result.js';
import type { Scope } from './scope.js';
import { NO_AFTERMATH, type Prepared, type Seen } from './stage.js';
import { typedMessage } from './step-request.js';
import type { ExchangeStep } from './suite.js';
import { asMap, asText, find, need, onlyKeys, SuiteError, type YMap, type YNode } from './yaml/nodes.js';

/** Keys beside the package. */
export const INJECTION_EXTRAS: readonly string[] = ['deviate', 'body'];

/** TransferEimPackageRequest (SGP.32 6.3.2.6): its choice is inside. */
const TRANSFER_EIM_PACKAGE = 0xbf4e;

/** @throws {SuiteError} for a step that is none. */
export function injectedIn({ request }: Pick<ExchangeStep, 'request'>): YNode {
  onlyKeys(request, ['inject', 'save'], 'an injection');
  return need(request, 'inject', 'an injection');
}

/**
 * `send` throws {Sgp33Error} `injection-unavailable`.
 * @throws {SuiteError} for a package that can not be built.
 */
export function prepareInjection(stage: IpadStage, step: ExchangeStep, scope: Scope): Prepared {
  const inject = asMap(injectedIn(step), 'inject');
  const { driver, traffic } = stage;
  const save = find(step.request, 'save');
  const { bytes, title, message } = built(stage, inject, scope);
  const request: EsipaRequest = {
    device: stage.sequenceId,
    body: message.type === undefined ? bytes : tlv(TRANSFER_EIM_PACKAGE, bytes),
  };
  return {
    title,
    message,
    async send(signal): Promise<Seen> {
      const { injection } = driver;
      if (injection === undefined)
        throw new Sgp33Error(
          'injection-unavailable',
          'the target does not say where the IPAd takes packages',
          {
            place: stage.target.file,
            repair: 'Add `injection:` to the driver of the target.',
          },
        );
      stage.recorder.event({ kind: 'esipa-request', hex: bytesToHex(request.body ?? bytes) });
      const { data, facts, fault, findings, events } = await traffic.along(
        injection.exchange({ ...request, fresh: true }, signal),
        // A device that first polls, or delivers what waits, must not wait for us.
        () => [...driver.eims.keys()].forEach((role) => answerAllByDefault(stage, role)),
        signal,
      );
      stage.recorder.trace(events, stage.recorder.now);
      return { data, facts, findings, ...(fault === undefined ? {} : { fault }) };
    },
    after: () =>
      save === undefined
        ? NO_AFTERMATH
        : { variables: new Map<string, TextValue>([[asText(save, 'save'), bytesToHex(bytes)]]) },
  };
}

function built(
  stage: IpadStage,
  inject: YMap,
  scope: Scope,
): { bytes: Uint8Array; title: string; message: Message } {
  const body = find(inject, 'body');
  if (body === undefined) {
    const { bytes, title, type } = typedMessage(inject, scope, stage, INJECTION_EXTRAS);
    const { node } = decode(typeByName(stage.version, type), bytes);
    const tree = node === undefined ? {} : { tree: renderTree(node) };
    return { bytes, title: `injection of ${title}`, message: { type, hex: bytesToHex(bytes), ...tree } };
  }
  onlyKeys(inject, ['body'], 'an injection');
  const bytes = hexToBytes(evaluateText(body, { scope, eims: stage.eims }, 'body'));
  if (bytes === undefined) throw new SuiteError('yaml-shape', "'body' must be hex", body.place);
  return { bytes, title: 'injection of these bytes', message: { hex: bytesToHex(bytes) } };
}
