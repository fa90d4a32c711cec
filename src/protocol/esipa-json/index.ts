export { answerFromJson, type JsonAnswer } from './answer.js';
export { answerToJson, type AnswerToJsonOptions, type JsonAnswerBody } from './answer-to.js';
export type { JsonFinding, JsonMembers, JsonText } from './findings.js';
export {
  ADMIN_PROTOCOL,
  ADMIN_PROTOCOL_FORM,
  ASN1_PATH,
  fitsMediaType,
  JSON_PATH,
  MEDIA_TYPE,
  readJson,
  type EsipaBinding,
  type ReadJson,
} from './http-binding.js';
export { ESIPA_FUNCTIONS, isEsipaFunction, type EsipaFunction } from './members.js';
export { functionOf, requestFromJson, requestToJson, type JsonRequest } from './request.js';
