/**
 * The seeded defects: each is a mistake that an implementer could make, at one place of this eIM. They show that the
 * suite has teeth. None knows a test sequence. Name: clause that it breaks, and what goes wrong.
 */
import { EIM_PROCESS_DEFECTS } from './defect-list-process.js';

export const EIM_DEFECT_LIST = {
  // The head of a package
  'eid-nibbles-swapped': 'SGP.32 2.11.1.1: eidValue has its nibbles swapped, as an ICCID',
  'fqdn-as-eim-id': 'SGP.32 2.11.1.1: eimId of a package is the FQDN of the eIM',
  'counter-not-increased': 'SGP.32 2.11.1.1: a package has the counterValue of the one before it',
  'counter-starts-again': 'SGP.32 2.11.1.1: after a restart the counter begins where it began at first',
  'counter-shared-between-devices': 'SGP.32 2.11.1.1: one counter serves all eUICCs',
  'counter-starts-at-configured-value':
    'SGP.32 2.11.1.1: the first package has the counterValue of EimConfigurationData itself',
  'counter-16-bit': 'SGP.32 2.11.1.1: counterValue has 16 bits and begins anew',
  'counter-limit-unchecked': 'SGP.32 2.11.1.1: packages with a counterValue above the maximum are built',
  'counter-not-raised-after-replay':
    'SGP.32 2.11.2.1: replayError changes nothing about the next counterValue',
  'package-transaction-id-missing':
    'SGP.32 2.11.1.1: packages carry no eimTransactionId although the eIM uses them',
  'transaction-id-constant': 'SGP.32 2.11.1.1: eimTransactionId is always the same',
  'transaction-id-too-long': 'SGP.32 2.11.1.1: eimTransactionId has 17 bytes',
  'transaction-id-after-list': 'SGP.32 2.11.1.1: eimTransactionId stands behind the list of operations',
  'package-tag-doubled': 'SGP.32 2.11.1.1: the package stands in BF51 twice',
  'eco-list-as-psmo-list': 'SGP.32 2.11.1.1: eIM operations stand in A0, the tag of psmoList',
  // The signature
  'signature-without-token': 'SGP.32 2.11.1.1: eimSignature covers euiccPackageSigned alone',
  'signature-with-zero-token':
    'SGP.32 2.11.1.1: eimSignature is made with token zero whatever the eUICC allocated',
  'signature-over-content': 'SGP.32 2.11.1.1: eimSignature leaves out tag and length of euiccPackageSigned',
  'signature-der': 'SGP.32 2.11.1.1: eimSignature is in the DER form',
  'signature-by-other-key': 'SGP.32 2.11.1.1: eimSignature is made with a key that the eUICC does not know',
  'stale-key-after-update': 'SGP.32 5.13: after updateEim the old key goes on signing',
  'updated-counter-ignored': 'SGP.32 5.13: after updateEim the old counter goes on',
  'registered-token-ignored': 'SGP.32 3.5: the association token that came with the association is not used',
  // Operations
  'iccid-not-swapped': 'SGP.32 2.11.1.1.3: ICCIDs are written in the order of their digits',
  'rollback-flag-missing': 'SGP.32 2.11.1.1.3: rollbackFlag is never sent',
  'rollback-flag-context-tag': 'SGP.32 2.11.1.1.3: rollbackFlag is written 81 00',
  'rollback-flag-before-iccid': 'SGP.32 2.11.1.1.3: rollbackFlag stands before iccid',
  'operations-reversed': 'SGP.32 2.11.1.1: the operations of a package stand in reverse order',
  'only-first-operation': 'SGP.32 2.11.1.1: of several operations only the first is sent',
  'deletions-first': 'SGP.32 2.11.1.1: delete operations are moved to the front',
  'list-criteria-missing': 'SGP.32 5.13.4: searchCriteria of listProfileInfo are not sent',
  'list-with-empty-criteria': 'SGP.32 5.13.4: listProfileInfo without criteria holds an empty A0',
  'list-tag-list-missing': 'SGP.32 5.13.4: tagList of listProfileInfo is not sent',
  'list-with-own-tag-list': 'SGP.32 5.13.4: listProfileInfo has a tagList that nobody ordered',
  'profile-class-off-by-one': 'SGP.32 5.13.4: the criterion profileClass is counted from one',
  'get-rat-primitive': 'SGP.32 5.13.5: getRAT is written 86 00',
  'immediate-enable-flag-always': 'SGP.32 5.13.6: immediateEnableFlag is always sent',
  'immediate-enable-oid-missing': 'SGP.32 5.13.6: defaultSmdpOid is not sent',
  'fallback-tags-exchanged': 'SGP.32 2.11.1.1.3: setFallbackAttribute is written A9',
  'unset-fallback-tag-wrong': 'SGP.32 2.11.1.1.3: unsetFallbackAttribute is written A8',
  'dp-address-universal-tag': 'SGP.32 2.11.1.1.3: defaultDpAddress is written with tag 0C',
  // eIM configuration
  'key-without-choice-arm': 'SGP.32 2.11.1.1.1: eimPublicKeyData holds the key without its CHOICE tag',
  'tls-key-missing': 'SGP.32 2.11.1.1.1: trustedPublicKeyDataTls is not sent',
  'protocol-bits-lsb-first': 'SGP.32 2.11.1.1.1: eimSupportedProtocol counts its bits from the other end',
  'ci-pk-id-missing': 'SGP.32 2.11.1.1.1: euiccCiPKId is not sent',
  'indirect-download-missing': 'SGP.32 2.11.1.1.1: indirectProfileDownload is not sent',
  'eim-id-type-missing': 'SGP.32 2.11.1.1.1: eimIdType is not sent',
  'requested-token-missing': 'SGP.32 2.11.1.1.1: associationToken -1 is left out',
  'requested-token-unsigned': 'SGP.32 2.11.1.1.1: associationToken -1 is written as 255',
  'update-eim-as-add': 'SGP.32 2.11.1.1.2: updateEim is written A8',
  'update-sends-every-field': 'SGP.32 5.13: updateEim sends a counterValue that nobody ordered',
  'delete-eim-names-itself': 'SGP.32 5.13: deleteEim always names the eIM itself',
  'exported-key-missing': 'SGP.32 2.11.1.1.1: the exported EimConfigurationData holds no key',
  'exported-counter-missing': 'SGP.32 2.11.1.1.1: the exported EimConfigurationData holds no counterValue',
  'exported-fqdn-missing':
    'SGP.32 2.11.1.1.1: the exported EimConfigurationData does not say where the eIM is',
  // What is refused to the operator
  'unknown-eid-accepted': 'SGP.32 3.3.1: an order for an EID that nobody registered is taken',
  'malformed-iccid-accepted': 'SGP.32 2.11.1.1.3: an order with an ICCID of the wrong length is taken',
  'empty-package-accepted': 'SGP.32 2.11.1.1: an order without operations is taken',
  'needless-enable-taken':
    'SGP.32 3.4.1: an eIM that refuses needless orders takes one to enable an enabled Profile',
  'mixed-package-accepted': 'SGP.32 2.11.1.1: one package gets profile operations and eIM operations',
  'two-enables-ordered': 'SGP.32 2.11.1.1: a package with two enable operations is built',
  'list-after-change-ordered': 'SGP.32 2.11.1.1: a package with listProfileInfo after enable is built',
  'missing-fqdn-accepted': 'SGP.32 2.11.1.1.1: an eIM that no IPA could find is sent to the eUICC',
  'bad-tag-list-accepted': 'SGP.32 2.11.1.2: a tagList with elements that IpaEuiccData has not is taken',
  'malformed-activation-code-accepted': 'SGP.32 2.11.1.3: anything is taken for an Activation Code',
  ...EIM_PROCESS_DEFECTS,
} as const;

export type EimDefectName = keyof typeof EIM_DEFECT_LIST;
