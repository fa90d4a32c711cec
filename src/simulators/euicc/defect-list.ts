/**
 * The seeded defects: each is a mistake that an implementer could make, at one place of this eUICC. They show that
 * the suite has teeth. None knows a test sequence. Name: clause that it breaks, and what goes wrong.
 */
export const DEFECT_LIST = {
  // Verification of a package
  'skip-eim-signature-check': 'SGP.32 5.9.1: the eimSignature of a package is not verified',
  'signature-without-token': 'SGP.32 2.11.1.1: eimSignature is verified over euiccPackageSigned alone',
  'zero-token-in-verification':
    'SGP.32 2.11.1.1: eimSignature is verified with token zero even when a token was allocated',
  'key-of-first-eim':
    'SGP.32 5.9.1: packages are verified with the key of the first associated eIM, whoever is named',
  'eim-certificate-unusable': 'SGP.32 2.11.1.1.1: an eIM configured with eimCertificate can not be verified',
  'old-key-kept-in-cache': 'SGP.32 5.13: after updateEim the old key goes on being used',
  'unknown-eim-signed-error': 'SGP.32 2.11.2.1: an eIM that is not associated gets a signed error',
  'ignore-eid': 'SGP.32 5.9.1: eidValue is not compared with the own EID',
  'invalid-eid-unsigned': 'SGP.32 2.11.2.1: a wrong eidValue is answered by the unsigned error',
  'consume-counter-before-verification':
    'SGP.32 5.9.1: the counter is stored before the signature is verified',
  'accept-equal-counter': 'SGP.32 2.11.1.1: a counterValue equal to the stored one is accepted',
  'accept-lower-counter': 'SGP.32 2.11.1.1: only an equal counterValue counts as replay',
  'counter-gap-refused': 'SGP.32 2.11.1.1: only the stored counter plus one is accepted',
  'counter-16-bit': 'SGP.32 2.11.1.1: counters are compared in 16 bits',
  'counter-shared-between-eims': 'SGP.32 2.11.1.1: one counter serves all associated eIMs',
  'counter-not-consumed-on-failed-psmo':
    'SGP.32 3.3.1: the counter is kept when an operation of the package fails',
  'counter-consumed-on-signed-error':
    'SGP.32 3.3.1: a package refused with a signed error consumes its counter',
  'max-counter-unchecked': 'SGP.32 2.11.1.1: a counterValue above the maximum is taken',
  'max-counter-off-by-one': 'SGP.32 2.11.1.1: the greatest counterValue itself is refused',
  'package-size-unchecked': 'SGP.32 2.11.2.1: a package above the declared size is executed',
  'ecall-ignored-in-package': 'SGP.32 5.9.1: packages are executed while the Emergency Profile is enabled',
  'mixed-lists-accepted': 'SGP.32 2.11.1.1: a package with psmoList and ecoList is executed',
  // Execution of a package
  'continue-after-failed-psmo': 'SGP.32 3.3.1: operations after a failed one are executed',
  'results-reversed': 'SGP.32 2.11.2.1: results stand in reverse order',
  'unknown-psmo-skipped': 'SGP.32 2.11.2.1: an unknown operation is passed over in silence',
  'damaged-psmo-status-word':
    'SGP.32 2.11.2.1: a damaged operation makes the whole package fail with a status word',
  'response-limit-ignored':
    'SGP.32 2.11.2.1: results above the response buffer are not cut off by resultSizeOverflow',
  'interruption-loses-result': 'SGP.32 2.11.2.1: a package cut by a loss of power leaves no result',
  'two-enables-accepted': 'SGP.32 2.11.1.1: two enable commands in one package are both executed',
  'list-after-change-allowed':
    'SGP.32 2.11.1.1.3: listProfileInfo after a state change in the same package lists Profiles',
  // The result
  'epr-signed-without-token': 'SGP.32 2.11.2.1: euiccSignEPR covers the data alone',
  'epe-signed-without-token': 'SGP.32 2.11.2.1: euiccSignEPE covers the data alone',
  'epr-signature-der': 'SGP.32 2.11.2.1: euiccSignEPR is in the DER form',
  'epr-signature-over-content': 'SGP.32 2.11.2.1: euiccSignEPR leaves out tag and length of the data',
  'ci-pk-id-ignored':
    'SGP.32 2.11.1.1.1: results are signed with the key of the first CI, whatever euiccCiPKId says',
  'epr-without-choice-tag': 'SGP.32 2.11.2.1: the signed result stands in BF51 without A0',
  'transaction-id-not-echoed': 'SGP.32 2.11.2.1: eimTransactionId is missing from the result',
  'transaction-id-invented': 'SGP.32 2.11.2.1: a result has an eimTransactionId that the package had not',
  'transaction-id-not-echoed-unsigned':
    'SGP.32 2.11.2.1: eimTransactionId is missing from the unsigned error',
  'unsigned-error-without-token': 'SGP.32 2.11.2.1: the unsigned error holds no associationToken',
  'eim-id-of-first-eim': 'SGP.32 2.11.2.1: the result names the first associated eIM',
  'result-counter-incremented': 'SGP.32 2.11.2.1: the result holds the counterValue plus one',
  'seq-number-not-shared':
    'SGP.32 2.11.2.1: results have a sequence counter of their own, apart from notifications',
  'seq-number-constant': 'SGP.32 2.11.2.1: every result has the same seqNumber',
  'result-not-stored': 'SGP.32 3.3.1: a result can not be retrieved later',
  'result-lost-on-reset': 'SGP.32 3.3.1: stored results are gone after a reset',
  'result-not-removed': 'SGP.32 3.3.1: RemoveNotificationFromList answers ok and keeps the result',
  // Enable
  'enable-not-effective': 'SGP.32 3.4.1: enable answers ok and the Profile stays disabled',
  'enable-without-disabling-old': 'SGP.32 3.4.1: enable leaves the previous Profile enabled',
  'enable-of-enabled-ok': 'SGP.32 3.4.1: enable of the enabled Profile answers ok',
  'enable-unknown-iccid-ok': 'SGP.32 3.4.1: enable of an unknown ICCID answers ok',
  'enable-ppr1-ignored': 'SGP.32 3.4.1: PPR1 of the enabled Profile does not prevent enable',
  'rollback-flag-ignored': 'SGP.32 3.4.1: rollbackFlag leaves no authorisation for ProfileRollback',
  'rollback-without-previous': 'SGP.32 3.4.1: rollbackFlag is taken with no Profile to return to',
  'emergency-profile-by-psmo': 'SGP.32 3.4.1: the Emergency Profile is enabled by a PSMO',
  'cat-busy-ignored': 'SGP.32 5.13.1: a proactive session does not hold back enable and disable',
  'switch-lost-on-reset': 'SGP.32 3.4.1: after a reset the Profile is in its former state',
  // Disable
  'disable-not-effective': 'SGP.32 3.4.2: disable answers ok and the Profile stays enabled',
  'disable-of-disabled-ok': 'SGP.32 3.4.2: disable of a disabled Profile answers ok',
  'disable-unknown-iccid-ok': 'SGP.32 3.4.2: disable of an unknown ICCID answers ok',
  'disable-ppr1-ignored': 'SGP.32 3.4.2: PPR1 does not prevent disable',
  'disable-then-delete-refused':
    'SGP.32 3.4.3: delete does not see that the same package disabled the Profile',
  // Delete
  'delete-not-effective': 'SGP.32 3.4.3: delete answers ok and the Profile stays',
  'delete-enabled-profile': 'SGP.32 3.4.3: the enabled Profile is deleted',
  'delete-unknown-iccid-ok': 'SGP.32 3.4.3: delete of an unknown ICCID answers ok',
  'delete-ppr2-ignored': 'SGP.32 3.4.3: PPR2 does not prevent delete',
  'delete-rollback-profile': 'SGP.32 3.4.3: a Profile that ProfileRollback needs is deleted',
  'delete-without-reclaiming': 'SGP.32 3.4.3: the memory of a deleted Profile does not count as free',
  'delete-return-profile': 'SGP.32 3.4.3: the Profile that ReturnFromFallback needs is deleted',
  // Rollback, fallback, emergency
  'rollback-always-allowed': 'SGP.32 5.9.16: ProfileRollback is accepted without rollbackFlag',
  'rollback-survives-package':
    'SGP.32 5.9.16: a later package does not end the authorisation for ProfileRollback',
  'rollback-to-deleted-profile':
    'SGP.32 5.9.16: ProfileRollback answers ok though a later package deleted the Profile to return to',
  'rollback-keeps-old-result': 'SGP.32 5.9.16: ProfileRollback leaves the replaced result stored',
  'rollback-result-missing': 'SGP.32 5.9.16: the result of ProfileRollback has no rollbackResult',
  'fallback-not-allowed-ignored':
    'SGP.32 3.4.6: the Fallback Attribute is given to a Profile without fallbackAllowed',
  'fallback-attribute-twice': 'SGP.32 3.4.6: the old Fallback Profile keeps the attribute when it moves',
  'emergency-notifications': 'SGP.32 5.9.22: EnableEmergencyProfile generates notifications',
  // Notifications
  'enable-notification-missing': 'SGP.32 3.4.1: no enable notification is generated',
  'implicit-disable-notification-missing':
    'SGP.32 3.4.1: no notification tells that enable disabled the old Profile',
  'disable-notification-missing': 'SGP.32 3.4.2: no disable notification is generated',
  'delete-notification-missing': 'SGP.32 3.4.3: no delete notification is generated',
  'notification-unconfigured':
    'SGP.22 3.5: an event without notificationConfigurationInfo is notified to the default SM-DP+',
  'notifications-lost-on-reset': 'SGP.22 3.5: notifications are gone after a reset',
  'notification-signature-wrong-scope':
    'SGP.22 5.7.10: euiccNotificationSignature leaves out the tag of tbsOtherNotification',
  'notification-filter-ignored': 'SGP.22 5.7.9: ListNotification returns all events whatever the filter',
  'retrieve-by-number-ignored':
    'SGP.32 5.9.11: RetrieveNotificationsList returns all entries when a seqNumber is asked',
  'retrieve-number-misses-results': 'SGP.32 5.9.11: a seqNumber of a stored result finds nothing',
  'results-listed-as-notifications': 'SGP.32 5.9.11: stored results are returned under A0',
  'remove-unknown-ok': 'SGP.22 5.7.11: removal of an unknown seqNumber answers ok',
  // AddInitialEim and addEim
  'add-initial-eim-twice': 'SGP.32 5.9.4: AddInitialEim is accepted with an eIM associated',
  'add-initial-eim-never-again': 'SGP.32 5.9.4: AddInitialEim stays refused after the last eIM is gone',
  'token-not-increased': 'SGP.32 5.9.4: each eIM gets the same associationToken',
  'token-restarts': 'SGP.32 5.9.4: the token counter begins again when no eIM is left',
  'token-not-returned': 'SGP.32 5.9.4: an allocated associationToken is not told',
  'token-without-request': 'SGP.32 5.9.4: a token is allocated though none was asked for',
  'any-token-accepted': 'SGP.32 5.9.4: an associationToken other than -1 is stored as given',
  'eim-id-type-default-missing': 'SGP.32 5.9.4: an absent eimIdType stays absent',
  'eim-id-type-always-proprietary': 'SGP.32 5.9.4: eimIdType is stored as proprietary, whatever is given',
  'eim-protocol-default-missing': 'SGP.32 5.9.4: an absent eimSupportedProtocol stays absent',
  'ci-pk-id-default-missing': 'SGP.32 5.9.4: an absent euiccCiPKId stays absent',
  'ci-pk-id-unchecked': 'SGP.32 5.9.4: an unknown euiccCiPKId is stored',
  'add-counter-unchecked': 'SGP.32 5.9.4: a counterValue above the maximum is stored',
  'missing-key-accepted': 'SGP.32 5.9.4: an eIM without eimPublicKeyData is stored',
  'missing-counter-accepted': 'SGP.32 5.9.4: an eIM without counterValue is stored',
  'duplicate-eim-id-accepted': 'SGP.32 5.9.4: two entries of one eimId are stored',
  'eim-limit-unchecked': 'SGP.32 5.9.4: more eIMs than there is room for are stored',
  'partial-add-on-error': 'SGP.32 5.9.4: entries before the refused one are stored',
  'second-eim-dropped': 'SGP.32 5.9.4: only the first entry of AddInitialEim is stored',
  'indirect-download-dropped': 'SGP.32 2.11.1.1.1: indirectProfileDownload is not stored',
  'eim-fqdn-dropped': 'SGP.32 2.11.1.1.1: eimFqdn is not stored',
  'eims-lost-on-reset': 'SGP.32 5.9.4: eIMs that were added are gone after a reset',
  'add-known-eim-command-error': 'SGP.32 2.11.2.1: addEim of a known eimId answers commandError',
  // GetEimConfigurationData and the other eCOs
  'eim-search-ignored': 'SGP.32 5.9.18: GetEimConfigurationData returns all entries whatever eimId is asked',
  'eim-search-status-word': 'SGP.32 5.9.18: an unknown eimId is answered by a status word',
  'first-eim-only': 'SGP.32 5.9.18: GetEimConfigurationData returns one entry at most',
  'public-key-not-returned': 'SGP.32 5.9.18: GetEimConfigurationData leaves out eimPublicKeyData',
  'empty-eim-list-without-a0': 'SGP.32 5.9.18: without an eIM the answer has no list',
  'configured-counter-reported': 'SGP.32 5.9.18: the counterValue read back is the configured one',
  'tls-key-without-arm': 'SGP.32 2.11.1.1.1: trustedPublicKeyDataTls is returned without its CHOICE tag',
  'update-clears-absent-fields': 'SGP.32 5.13: updateEim clears the fields that it does not hold',
  'update-unknown-eim-ok': 'SGP.32 2.11.2.1: updateEim of an unknown eimId answers ok',
  'update-lower-counter-accepted': 'SGP.32 5.13: updateEim lowers the counter without a new key',
  'update-counter-unchecked': 'SGP.32 2.11.2.1: updateEim stores a counterValue above the maximum',
  'delete-last-eim-ok': 'SGP.32 2.11.2.1: deleteEim of the last eIM answers ok',
  'delete-last-eim-refused': 'SGP.32 3.5.1: the last eIM can not be deleted',
  'delete-unknown-eim-ok': 'SGP.32 2.11.2.1: deleteEim of an unknown eimId answers ok',
  'delete-eim-not-effective': 'SGP.32 3.5.1: deleteEim answers ok and the eIM stays',
  'listed-eim-wrong-order': 'SGP.32 2.11.2.1: listEim lists the newest eIM first',
  'list-eim-stale': 'SGP.32 3.3.1: listEim shows the eIMs of before the package',
  'list-eim-type-always': 'SGP.32 2.11.2.1: listEim tells eimIdType of a proprietary identifier too',
  // PSMOs without a change of state
  'set-dp-address-not-stored': 'SGP.32 5.9.25: setDefaultDpAddress answers ok and stores nothing',
  'empty-dp-address-kept': 'SGP.32 5.9.25: an empty defaultDpAddress is stored in place of removing it',
  'dp-address-lost-on-reset': 'SGP.32 5.9.25: the default SM-DP+ address falls back at a reset',
  'rat-empty': 'SGP.32 5.13.5: the Rules Authorisation Table is always empty',
  // Memory reset
  'memory-reset-keeps-eims': 'SGP.32 5.9.5: resetEimConfigData answers ok and keeps the eIMs',
  'memory-reset-keeps-dp-address': 'SGP.32 5.9.5: resetDefaultSmdpAddress answers ok and keeps the address',
  'memory-reset-result-missing': 'SGP.32 5.9.5: resetEimResult is missing',
  'memory-reset-without-notifications': 'SGP.32 5.9.5: Profiles removed by a memory reset are not notified',
  'memory-reset-during-ecall': 'SGP.32 5.9.5: a memory reset runs while the Emergency Profile is enabled',
  // Selection and transport
  'atr-without-euicc-functions': 'SGP.22 5.7.1: the ATR does not announce eUICC-related functions',
  'e0-missing': 'SGP.22 5.7.1: the FCI of the ISD-R has no template E0',
  'e1-missing': 'SGP.32 3.8: the FCI of the ISD-R has no template E1',
  'e1-enabled-bit-stale': 'SGP.32 3.8: enabledProfile in E1 shows the state of the last reset',
  'e1-bits-swapped': 'SGP.32 3.8: ipaeSupported and enabledProfile change places in E1',
  'any-aid-selects': 'SGP.22 5.7.1: SELECT of an AID that is not there answers 9000',
  'es10-without-selection': 'SGP.22 5.7.1: STORE DATA is taken on a channel without ISD-R',
  'channel-state-kept': 'SGP.22 5.7.1: a channel opened again still has the ISD-R selected',
  'terminal-capability-refused': 'SGP.32 3.8: TERMINAL CAPABILITY is answered 6D00',
  'block-number-ignored': 'SGP.22 5.7.2: P2 of STORE DATA is not checked',
  'multi-block-request-refused': 'SGP.22 5.7.2: a request of more than one block is refused',
  'response-truncated': 'SGP.22 5.7.2: responses end after 256 bytes',
  'refresh-missing': 'SGP.32 3.4.1: no REFRESH follows a change of the enabled Profile',
  'refresh-unannounced': 'SGP.32 3.4.1: REFRESH is sent to a terminal that did not announce it',
  // EID, information, certificates
  'eid-without-taglist': 'SGP.32 5.9.13: GetEID is answered without a tagList',
  'eid-nibbles-swapped': 'SGP.32 5.9.13: the EID is coded like an ICCID',
  'eid-cleared-by-memory-reset': 'SGP.32 5.9.13: GetEID returns zeros after the eIM data were reset',
  'challenge-constant': 'SGP.22 5.7.7: every euiccChallenge is the same',
  'challenge-short': 'SGP.22 5.7.7: an euiccChallenge has 15 bytes',
  'info1-signing-list-differs': 'SGP.22 5.7.8: EUICCInfo1 lists another signing CI than EUICCInfo2',
  'ci-list-reversed': 'SGP.22 5.7.8: the CI lists begin with the lowest priority',
  'verification-list-without-signing-ci':
    'SGP.22 5.7.8: the first signing CI is missing from euiccCiPKIdListForVerification',
  'ext-card-resource-without-tags': 'SGP.22 5.7.8: extCardResource holds bare numbers without tags',
  'forbidden-pprs-from-rat-only':
    'SGP.22 5.7.8: forbiddenProfilePolicyRules does not tell PPR1 while an Operational Profile is installed',
  'tre-properties-missing': 'SGP.22 5.7.8: EUICCInfo2 does not tell treProperties',
  'ipa-mode-missing': 'SGP.32 5.9.2: EUICCInfo2 has no ipaMode',
  'iot-info-missing': 'SGP.32 5.9.2: EUICCInfo2 has no iotSpecificInfo',
  'iot-version-empty': 'SGP.32 5.9.2: iotVersion lists no version',
  'fallback-not-announced': 'SGP.32 5.9.2: fallbackSupported is missing',
  'ecall-not-announced': 'SGP.32 5.9.2: ecallSupported is missing',
  'get-certs-unknown-ci-ok': 'SGP.32 5.9.10: GetCerts answers an unknown euiccCiPKId with the first chain',
  'get-certs-ci-ignored':
    'SGP.32 5.9.10: GetCerts returns the first chain, whatever known euiccCiPKId is asked',
  'certs-mixed-curves': 'SGP.32 5.9.10: GetCerts returns an EUM certificate of another curve',
  'foreign-euicc-certificate': 'SGP.32 5.9.10: GetCerts returns the chain of another eUICC',
  'certs-swapped': "SGP.32 5.9.10: GetCerts returns the two certificates in each other's place",
  'nested-certificate-in-get-certs': 'SGP.32 5.9.10: A5 and A6 of GetCerts hold whole certificates',
  // GetProfilesInfo
  'search-ignored': 'SGP.32 5.9.14: GetProfilesInfo returns all Profiles whatever is searched',
  'tag-list-ignored': 'SGP.32 5.9.14: GetProfilesInfo returns the default fields whatever tagList says',
  'no-match-error': 'SGP.32 5.9.14: a search without a match is answered by an error',
  'fallback-attribute-false-encoded': 'SGP.32 5.9.14: fallbackAttribute FALSE is encoded',
  'bad-criteria-accepted':
    'SGP.32 5.9.14: a search criterion of wrong length finds nothing in place of an error',
} as const;

export type DefectName = keyof typeof DEFECT_LIST;
