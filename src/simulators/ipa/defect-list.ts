/**
 * The seeded defects of the IPA itself: what it makes of packages, results, notifications and data requests. Each is a
 * mistake that an implementer could make, consulted at one place; none knows a test. Name: clause that it breaks, and
 * what goes wrong.
 */
export const IPA_DEFECT_LIST = {
  // GetEimPackage
  'eid-nibbles-swapped': 'SGP.32 5.14.5: eidValue of GetEimPackage has its nibbles swapped, as an ICCID',
  'state-change-cause-missing': 'SGP.32 5.14.5: notifyStateChange goes without stateChangeCause',
  'state-change-cause-off-by-one': 'SGP.32 5.14.5: stateChangeCause is counted from one',
  'state-change-flag-missing': 'SGP.32 5.14.5: stateChangeCause goes without notifyStateChange',
  'state-change-in-every-poll': 'SGP.32 5.14.5: a state change is told again in each poll of a cycle',
  'rplmn-missing': 'SGP.32 5.14.5: rPLMN is never sent',
  'rplmn-nibbles-not-swapped': 'SGP.32 5.14.5: rPLMN is not coded as in TS 24.008',
  'rplmn-with-old-tag': 'SGP.32 5.14.5: rPLMN has the tag of v1.0.1, which is that of stateChangeCause',
  'answer-tag-unchecked': 'SGP.32 5.14.5: the tag of the answer to GetEimPackage is not looked at',
  'unknown-package-ignored': 'SGP.32 5.14.6: a package of an unknown kind is not answered',
  'unknown-package-as-invalid': 'SGP.32 5.14.6: a package of an unknown kind is told as invalidPackageFormat',
  'malformed-package-to-euicc': 'SGP.32 3.3.1: a malformed eUICC Package is given to the eUICC',
  'undecodable-package-to-euicc': 'SGP.32 3.3.1: an answer that can not be decoded is given to the eUICC',
  'foreign-package-refused': 'SGP.32 3.3.1: a package for another EID is refused without asking the eUICC',
  'one-package-a-cycle': 'SGP.32 3.1.1.1: after one package the eIM is not asked for the next',
  'no-package-asked-again': 'SGP.32 3.1.1.1: after noEimPackageAvailable the eIM is asked again at once',
  'refused-poll-asked-again': 'SGP.32 5.14.5: after eidNotFound and the like the eIM is asked again at once',
  // eUICC Packages
  'package-reencoded': 'SGP.32 3.3.1: an eUICC Package reaches the eUICC without its eimTransactionId',
  'result-before-switch': 'SGP.32 3.3.1: the result goes out before the new Profile is in use',
  'euicc-fault-not-reported': 'SGP.32 5.14.6: the eIM is not told that the eUICC did not process a package',
  'lost-card-as-error': 'SGP.32 5.14.6: that the eUICC is gone is told as undefinedError',
  'partial-result-sent': 'SGP.32 3.3.1: without the eUICC a result goes out with what was read of it',
  'unreadable-result-forwarded': 'SGP.32 5.14.6: whatever the eUICC answers goes to the eIM as its result',
  'package-error-not-relayed': 'SGP.32 3.3.1: an error of the eUICC is replaced by one of the IPA',
  'unsigned-error-not-relayed':
    'SGP.32 3.3.1: an unsigned error of the eUICC is told as invalidPackageFormat of the IPA',
  // Results
  'result-signature-as-der': 'SGP.32 3.3.1: the signature of a result is encoded anew, as DER',
  'eid-missing-in-result': 'SGP.32 5.14.6: results have no eidValue',
  'empty-list-bundled': 'SGP.32 6.3.2.7: a result without Notifications goes out in ePRAndNotifications',
  'notifications-not-read-after-package': 'SGP.32 3.3.1: Notifications of a package stay in the eUICC',
  'notifications-read-after-eco': 'SGP.32 3.3.1: Notifications are read after eIM operations, too',
  'notifications-dropped-unless-bundled':
    'SGP.32 3.3.1: Notifications do not follow a result that goes alone',
  'error-without-transaction-id': 'SGP.32 6.3.2.7: eimPackageResultResponseError has no eimTransactionId',
  'acknowledgements-ignored': 'SGP.32 3.3.1: nothing is removed from the eUICC',
  'answered-is-acknowledged': 'SGP.32 5.14.6: whatever the eIM answers, all that was sent is removed',
  'partial-acknowledgement-as-whole':
    'SGP.32 5.14.6: with one number acknowledged all that was sent is removed',
  'first-acknowledgement-only': 'SGP.32 5.14.6: of several acknowledged numbers the first is removed',
  'removed-before-delivery': 'SGP.32 3.3.1: results and Notifications are removed before they are sent',
  'nothing-to-delete-ends-cycle': 'SGP.32 5.9.12: nothingToDelete ends the cycle',
  'stored-results-not-sent': 'SGP.32 3.3.1: results that wait in the eUICC are never sent again',
  'results-to-any-eim': 'SGP.32 3.3.1: results that wait in the eUICC go to whichever eIM is asked first',
  'unacknowledged-result-repeated':
    'SGP.32 3.3.1: a result that was not acknowledged is sent again before each next request of the cycle',
  // Rollback
  'rollback-without-flag': 'SGP.32 3.4.1: ProfileRollback although the package did not allow it',
  'never-rolled-back': 'SGP.32 3.4.1: no ProfileRollback although the eIM is away',
  'rollback-flag-inverted':
    'SGP.32 5.9.16: refreshFlag of ProfileRollback is the contrary of what it should be',
  'rollback-not-reported': 'SGP.32 3.4.1: the result of ProfileRollback is not delivered',
  'no-notifications-after-rollback': 'SGP.32 3.4.1: Notifications are not read again after ProfileRollback',
  'refused-rollback-repeated': 'SGP.32 5.9.16: ProfileRollback is tried again after rollbackNotAllowed',
  'busy-rollback-given-up': 'SGP.32 5.9.16: ProfileRollback is not tried again after catBusy',
  // Notifications
  'notification-without-arm': 'SGP.32 6.3.2.4: a PendingNotification stands in BF3D without A0',
  'notifications-in-reverse': 'SGP.32 3.7: the newest Notification goes out first',
  'one-receiver-stops-all': 'SGP.32 3.7: one receiver that is away keeps the Notifications of all',
  'undelivered-notification-removed': 'SGP.32 3.7: a Notification that did not arrive is removed',
  'delivered-notification-kept': 'SGP.32 3.7: a Notification that arrived is not removed',
  // eUICC data requests
  'unknown-tag-ignored': 'SGP.32 2.11.2.2: a tag that is none of IpaEuiccData is passed over',
  'profile-list-tag-ignored': 'SGP.32 2.11.2.2: the tag BF2D is passed over',
  'empty-tag-list-accepted': 'SGP.32 2.11.2.2: an empty tagList is answered with empty data',
  'ci-pk-id-ignored': 'SGP.32 2.11.1.2: euiccCiPKIdentifierToBeUsed is not looked at',
  'ci-pk-id-compared-whole':
    'SGP.32 2.11.1.2: a CI that is named by the beginning of its identifier is not found',
  'unknown-ci-ignored': 'SGP.32 2.11.2.2: with an unknown CI the certificates of another are told',
  'data-during-ecall': 'SGP.32 2.11.2.2: data are told while the Emergency Profile is enabled',
  'data-fault-not-reported': 'SGP.32 2.11.2.2: an error of the eUICC while data are collected is not told',
  'data-without-transaction-id': 'SGP.32 2.11.2.2: data have no eimTransactionId',
  'data-error-without-transaction-id': 'SGP.32 2.11.2.2: ipaEuiccDataResponseError has no eimTransactionId',
  'notification-criterion-ignored':
    'SGP.32 2.11.1.2: the seqNumber of searchCriteriaNotification is not looked at',
  'event-criterion-ignored': 'SGP.32 2.11.1.2: the event of searchCriteriaNotification is not looked at',
  'result-criterion-ignored': 'SGP.32 2.11.1.2: searchCriteriaEuiccPackageResult is not looked at',
  'absent-object-as-empty':
    'SGP.32 2.11.2.2: an address that the eUICC does not have is told as an empty one',
  'notifications-list-missing': 'SGP.32 2.11.2.2: notificationsList is missing',
  'default-smdp-address-missing': 'SGP.32 2.11.2.2: defaultSmdpAddress is missing',
  'result-list-missing': 'SGP.32 2.11.2.2: euiccPackageResultList is missing',
  'euicc-info1-missing': 'SGP.32 2.11.2.2: euiccInfo1 is missing',
  'consumer-euicc-info2': 'SGP.32 2.11.2.2: euiccInfo2 has lost ipaMode and iotSpecificInfo',
  'root-smds-address-missing': 'SGP.32 2.11.2.2: rootSmdsAddress is missing',
  'association-token-missing': 'SGP.32 2.11.2.2: associationToken is missing',
  'token-of-first-eim': 'SGP.32 2.11.2.2: associationToken is that of the first eIM, whoever asks',
  'certificates-nested': 'SGP.32 2.11.2.2: certificates stand in A5 and A6 with their SEQUENCE',
  'capabilities-a-byte-a-flag': 'SGP.32 2.11.2.2: ipaCapabilities have a byte for each flag',
  'device-info-without-tac': 'SGP.32 2.11.2.2: deviceInfo has no TAC',
  // Download triggers
  'trigger-during-ecall': 'SGP.32 2.11.2.3: a download is begun while the Emergency Profile is enabled',
  'trigger-result-without-transaction-id':
    'SGP.32 2.11.2.3: ProfileDownloadTriggerResult has no eimTransactionId',
  // Injection
  'unknown-transfer-as-invalid':
    'SGP.32 5.14.4: an injected package of an unknown kind is invalidPackageFormat',
  'undecodable-transfer-as-undefined':
    'SGP.32 5.14.4: an injected package that can not be decoded is undefinedError',
  'transfer-fault-as-invalid': 'SGP.32 5.14.4: an error of the eUICC is told as invalidPackageFormat',
  'transfer-without-notifications': 'SGP.32 5.14.4: the answer to an injected package has no Notifications',
  'transferred-acknowledgements-ignored': 'SGP.32 5.14.4: injected acknowledgements remove nothing',
  'transferred-trigger-answered-at-once':
    'SGP.32 5.14.4: an injected trigger is answered with its result in place of eimPackageReceived',
} as const;

export type IpaDefectName = keyof typeof IPA_DEFECT_LIST;
