export { answerFromJson, type JsonAnswer } from './answer.js';
export { answerToJson, type AnswerToJsonOptions, type JsonAnswerBody } from './answer-to.js';
export type { JsonFinding, JsonMembers, JsonText } from './findings.js';
export { ESIPA_FUNCTIONS, isEsipaFunction, type EsipaFunction } from './members.js';
export { functionOf, requestFromJson, requestToJson, type JsonRequest } from './request.js';
