/** S_IPA, the IPA made of software: what other parts of the tool use of it. */
export { linkCard } from './card-link.js';
export { Ipa } from './ipa.js';
export {
  StatusWordError,
  type IpaMessageKind,
  type IpaOptions,
  type IpaVersion,
  type PollOptions,
  type PollOutcome,
} from './options.js';
