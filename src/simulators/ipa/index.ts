/** S_IPA, the IPA made of software: what other parts of the tool use of it. */
export { linkCard } from './card-link.js';
export { Ipa } from './ipa.js';
export { IpaCard } from './ipa-card.js';
export {
  NO_DEFECTS,
  NO_EIM_PACKAGE_AVAILABLE,
  StatusWordError,
  type IpaDefects,
  type IpaMessageKind,
  type IpaOptions,
  type IpaVersion,
  type PackageResult,
  type PollOptions,
  type PollOutcome,
} from './options.js';
