/** Which orders the eIM takes (SGP.32 2.11.1): the rest is refused to the operator and leaves no trace. */
import { checkOperations } from './check-operations.js';
import type { EimCore } from './core.js';
import { DATA_TAGS } from './data-request.js';
import { operatorHex, tagsOf } from './hex-input.js';
import { EimRefusal } from './refusals.js';
import type { OrderRequest } from './types.js';

/**
 * @returns the order as it is kept: hex in upper case, an Activation Code without its prefix.
 * @throws {EimRefusal} see {@link checkOperations}; `invalid-tag-list`, `invalid-criteria`, `invalid-activation-code`,
 *   `invalid-address`, `unknown-operation`.
 */
export function checkOrder(core: EimCore, request: OrderRequest): OrderRequest {
  switch (request.kind) {
    case 'package':
      return { kind: 'package', operations: checkOperations(core, request.operations) };
    case 'ipaEuiccData':
      return checkDataRequest(core, request);
    case 'profileDownload':
      return checkTrigger(core, request);
    default:
      throw new EimRefusal('unknown-operation', 'no kind of order', {
        expected: 'package, ipaEuiccData or profileDownload',
        actual: JSON.stringify(request).slice(0, 80),
      });
  }
}

type DataOrder = Extract<OrderRequest, { kind: 'ipaEuiccData' }>;
const EVENTS = ['install', 'enable', 'disable', 'delete'];

function checkDataRequest({ version, defects }: EimCore, request: DataOrder): DataOrder {
  const { tagList, searchCriteriaNotification: notification } = request;
  const known = DATA_TAGS[version];
  if (tagList !== undefined) {
    const unknown = tagsOf(tagList, 'invalid-tag-list').filter((tag) => !known.includes(tag));
    if (unknown.length > 0 && !defects.has('bad-tag-list-accepted'))
      throw new EimRefusal('invalid-tag-list', `IpaEuiccData of SGP.32 v${version} has no such element`, {
        actual: unknown.map((tag) => tag.toString(16).toUpperCase()).join(' '),
      });
  }
  if (notification !== undefined && 'seqNumber' in notification) checkNumber(notification.seqNumber);
  else if (notification !== undefined && !EVENTS.includes(notification.profileManagementOperation))
    throw new EimRefusal('invalid-criteria', 'no profileManagementOperation', {
      expected: EVENTS.join(', '),
    });
  const result = request.searchCriteriaEuiccPackageResult;
  if (result !== undefined) checkNumber(result.seqNumber);
  if (version === '1.0.1' && notification !== undefined && result !== undefined)
    throw new EimRefusal('not-in-version', 'SGP.32 v1.0.1 has one search criterion for both lists');
  const ci = request.euiccCiPKIdentifierToBeUsed;
  return {
    ...request,
    ...(tagList === undefined ? {} : { tagList: tagList.toUpperCase() }),
    ...(ci === undefined
      ? {}
      : { euiccCiPKIdentifierToBeUsed: operatorHex(ci, 'invalid-criteria', 'a key identifier', 1, 64) }),
  };
}

function checkNumber(seqNumber: number): void {
  if (!Number.isSafeInteger(seqNumber) || seqNumber < 0)
    throw new EimRefusal('invalid-criteria', 'seqNumber is no sequence number', {
      actual: String(seqNumber),
    });
}

type DownloadOrder = Extract<OrderRequest, { kind: 'profileDownload' }>;

/** SGP.22 4.1: format 1, address, matching id, then the SM-DP+'s OID and the flag of a confirmation code. */
const ACTIVATION_CODE =
  /^1\$[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:\d{1,5})?\$[A-Z0-9-]*(\$(\d+(\.\d+)+)?(\$[01]?)?)?$/;

function checkTrigger({ defects }: EimCore, request: DownloadOrder): DownloadOrder {
  const { activationCode: code, contactDefaultSmdp: smdp, smdsAddress: smds } = request;
  const given = [code !== undefined, smdp === true, smds !== undefined].filter(Boolean).length;
  if (given > 1)
    throw new EimRefusal('invalid-activation-code', 'one of activationCode, contactDefaultSmdp, smdsAddress');
  if (smds !== undefined && !/^[A-Za-z0-9.:-]*$/.test(smds))
    throw new EimRefusal('invalid-address', 'smdsAddress is no FQDN', { actual: smds });
  if (code === undefined) return request;
  // The prefix is for QR codes, no part of the code.
  const bare = defects.has('lpa-prefix-kept') ? code : code.replace(/^LPA:/, '');
  const fits = ACTIVATION_CODE.test(code.replace(/^LPA:/, '')) && bare.length <= 255;
  if (!fits && !defects.has('malformed-activation-code-accepted'))
    throw new EimRefusal('invalid-activation-code', 'not an Activation Code (SGP.22 4.1)', {
      expected: '1$SM-DP+ address$matching id',
      actual: code,
    });
  return { ...request, activationCode: bare };
}
