/**
 * The seeded defects of the listeners: what a server does wrong around ESipa. Each is consulted at one place and
 * knows no test. Name: clause that it breaks, and what goes wrong.
 */
import { seededDefects, type SeededDefect } from '../../defect-set.js';

export const SERVE_DEFECT_LIST = {
  // TLS
  'tls-1-1-accepted': 'SGP.32 2.6.3.2: TLS 1.1 is accepted',
  'tls-1-2-refused': 'SGP.32 2.6.3.2: only TLS 1.3 is accepted',
  'tls-1-3-aes-256-only': 'RFC 8446 9.1: TLS 1.3 is spoken with TLS_AES_256_GCM_SHA384 alone',
  'rsa-key-exchange': 'SGP.32 2.6.3.2: suites with RSA key exchange are accepted, with an RSA certificate',
  'cbc-suite-refused': 'SGP.32 2.6.3.2: TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 alone finds no session',
  'any-signature-algorithm': 'SGP.32 2.6.3.2: a client that cannot verify ecdsa with sha256 gets a session',
  'any-curve': 'SGP.32 2.6.3.2: key exchange on a curve that is neither P-256 nor brainpoolP256r1',
  'session-resumed': 'SGP.32 2.6.3.2: sessions are resumed by ticket, without a new key exchange',
  'client-certificate-requested': 'SGP.32 2.6.3.2: the IPA is asked for a certificate',
  'certificate-of-another-name': 'SGP.32 2.6.3.2: the certificate is that of another eIM',
  'sni-picks-other-certificate':
    'SGP.32 2.6.3.2: an IPA that indicates the name of the eIM gets the certificate of another eIM',
  'certificate-for-any-name': 'SGP.32 2.6.3.2: whatever name is indicated, a certificate is issued for it',
  'brainpool-certificate-not-shown':
    'SGP.32 2.6.3.2: the certificate on P-256 is shown although there is one on brainpoolP256r1',
  'certificate-expired': 'SGP.32 2.6.3.2: the certificate has expired',
  'certificate-of-another-key': 'SGP.32 2.11.1.1.1: the TLS key is not the one of trustedPublicKeyDataTls',
  'certificate-without-server-auth':
    'SGP.32 2.6.3.2: extendedKeyUsage of the certificate allows client authentication alone',
  'certificate-without-key-usage': 'SGP.32 2.6.3.2: the certificate has no keyUsage',
  'certificate-key-agreement': 'SGP.32 2.6.3.2: keyUsage of the certificate lacks digitalSignature',
  'plain-http-answered': 'SGP.32 6.1.1: plain HTTP on the port of HTTPS is answered',
  'any-host-answered':
    'SGP.32 6.1.1: a request for another host is answered although the eIM serves its name only',
  // HTTP
  'admin-protocol-not-checked': 'SGP.32 6.1.1: a request without X-Admin-Protocol is answered',
  'admin-protocol-any-major': 'SGP.32 6.1.1: another major version in X-Admin-Protocol is answered',
  'admin-protocol-not-answered': 'SGP.32 6.1.1: the response has no X-Admin-Protocol',
  'admin-protocol-malformed': 'SGP.32 6.1.1: X-Admin-Protocol of the response holds a bare number',
  'content-type-missing': 'SGP.32 6.1.1: the response has no Content-Type',
  'content-type-octet-stream': 'SGP.32 6.1.1: ASN.1 responses are application/octet-stream',
  'json-content-type-text': 'SGP.32 6.1.1: JSON responses are text/plain',
  'wrong-path-accepted': 'SGP.32 6.1.1: ESipa is answered on any path',
  'get-accepted': 'SGP.32 6.1.1: GET is taken as POST',
  'any-content-type-accepted': 'SGP.32 6.1.1: a request of another Content-Type is answered',
  'user-agent-refused': 'SGP.32 6.1.1: User-Agent gsma-rsp-ipad is refused',
  'user-agent-exact': 'SGP.32 6.1.1: User-Agent gsma-rsp-ipad with text of the vendor behind it is refused',
  'notification-answer-with-body': 'SGP.32 6.3.2.4: HandleNotification is answered with a body',
  'empty-body-accepted': 'SGP.32 6.3: an empty body is answered with 200',
  'undecodable-body-server-error': 'SGP.32 6.3: a body that can not be decoded ends in 500',
  'undecodable-body-closes':
    'SGP.32 6.3: a body that can not be decoded ends the connection without an answer',
  'undecodable-body-accepted': 'SGP.32 6.3: a body that can not be decoded is answered with 200',
  'trailing-bytes-accepted': 'SGP.32 6.3: bytes behind the message are passed over',
  'error-as-http-status': 'SGP.32 6.1.1: an error of a function is answered with status 404 in place of 200',
  'no-package-as-204': 'SGP.32 5.14.5: noEimPackageAvailable is answered with 204 and no body',
  'created-in-place-of-ok': 'SGP.32 6.1.1: results are answered with status 201',
  'answer-in-base64': 'SGP.32 6.3: the ASN.1 response is encoded in base64',
  'answer-in-es9-envelope': "SGP.32 6.3: the ASN.1 response is wrapped in A2 as on ES9+'",
  'connection-closed-after-answer': 'SGP.32 6.1.1: the connection ends after each response, unannounced',
  'second-request-refused': 'SGP.32 6.1.1: the second request on a connection is answered with 503',
  'connection-used-up': 'SGP.32 6.1.1: from the twelfth request on a connection answers with 503',
  'chunked-refused': 'SGP.32 6.1.1: a chunked request is answered with 411',
  'large-body-resets': 'SGP.32 6.1.1: a very large body ends the connection without an answer',
  'large-body-server-error': 'SGP.32 6.1.1: a very large body is answered with 500',
  // JSON
  'json-not-implemented': 'SGP.32 6.4: the JSON binding is answered with 501',
  'json-any-function': 'SGP.32 6.4: an unknown function is taken as getEimPackage',
  'json-status-missing': 'SGP.32 6.4: header.functionExecutionStatus is missing',
  'json-status-lower-case': 'SGP.32 6.4: status is executed-success',
  'json-success-on-error': 'SGP.32 6.4: an error of a function is told as Executed-Success without a member',
  'json-wrong-status-code': 'SGP.32 6.4: every error carries subject code 8.1 and reason code 1.1',
  'json-base64-unpadded': 'SGP.32 6.4: base64 has no padding',
  'json-base64-url': 'SGP.32 6.4: base64 is in the alphabet of URLs',
  'json-hex-in-place-of-base64': 'SGP.32 6.4: binary members are in hex',
  'json-value-without-tag': 'SGP.32 6.4: binary members leave out tag and length of the object',
  'json-member-in-body-object': 'SGP.32 6.4: members stand in an object body, not at the top',
  'json-member-renamed': 'SGP.32 6.4.1.5: euiccPackageRequest is called eimPackage',
  'json-acknowledgements-as-numbers': 'SGP.32 6.4.1.6: eimAcknowledgements is a list of numbers',
  'json-eid-required': 'SGP.32 6.4.1.6: a result without eidValue is refused',
  'json-result-wants-envelope': 'SGP.32 6.4.1.6: eimPackageResult is read as a whole ProvideEimPackageResult',
  'json-report-ignored': 'SGP.32 6.4.1.5: notifyStateChange, stateChangeCause and rPlmn are not read',
  'json-rplmn-as-text': 'SGP.32 6.4.1.5: rPlmn is read as hex',
  'json-bad-base64-accepted': 'SGP.32 6.4: characters that are not base64 are passed over',
  'json-both-members-accepted': 'SGP.32 6.4.1.7: of two members of handleNotification one is taken',
  'json-malformed-server-error': 'SGP.32 6.4: a body that is not JSON ends in 500',
  'json-notification-answered': 'SGP.32 6.4.1.7: handleNotification is answered with 200 and a body',
  // CoAP and DTLS
  'coap-no-cookie': 'RFC 6347 4.2.1: a session begins without HelloVerifyRequest',
  'coap-cookie-unchecked': 'RFC 6347 4.2.1: a handshake goes on whatever cookie comes back',
  'coap-dtls-1-0-accepted': 'SGP.32 2.6.3.2: DTLS 1.0 is accepted',
  'coap-null-suite-accepted':
    'SGP.32 2.6.3.2: TLS_ECDHE_ECDSA_WITH_NULL_SHA, which encrypts nothing, is accepted',
  'coap-replay-ends-session': 'RFC 6347 4.1.2.6: a record that comes again ends the session',
  'coap-plain-answered': 'SGP.32 3.1.2.2: plain CoAP on the port of CoAPs is answered',
  'coap-payload-missing': 'SGP.32 3.1.2.2: the answer 2.04 carries no ESipa response',
  'coap-notification-with-payload': 'SGP.32 3.1.2.2: HandleNotification is answered with a payload',
  'coap-block2-inconsistent': 'RFC 7959 2.4: the second block repeats the first one',
  'coap-block2-not-ended': 'RFC 7959 2.4: the last block says that more follow',
  'coap-block1-order-ignored': 'RFC 7959 2.9.2: a transfer that begins with a later block is accepted',
  'coap-block1-not-assembled': 'RFC 7959 2.5: each block of a request is taken as a whole body',
  'coap-separate-as-ack':
    'RFC 7252 5.2.2: a separate response goes out as an acknowledgement of its own number',
  'coap-retransmission-rejected': 'RFC 7252 4.5: a retransmitted message is answered with Reset',
  'coap-retransmission-ignored': 'RFC 7252 4.5: a retransmitted message gets no answer',
  'coap-token-not-echoed': 'RFC 7252 5.3.1: the answer carries a token of its own',
  'coap-critical-option-ignored': 'RFC 7252 5.4.1: an unknown critical option is passed over',
  'coap-content-format-ignored': 'RFC 7252 5.10.3: an unsupported Content-Format is processed',
  'coap-any-resource': 'RFC 7252 5.9.2.5: ESipa is answered on any Uri-Path',
  'coap-not-found-as-bad-request': 'RFC 7252 5.9.2.5: an unknown resource is answered with 4.00',
  'coap-get-accepted': 'RFC 7252 5.8: GET is taken as POST',
  'coap-undecodable-as-server-error': 'RFC 7252 5.9.3: a payload that can not be decoded ends in 5.00',
} as const;

export type ServeDefectName = keyof typeof SERVE_DEFECT_LIST;

export type ServeDefect = SeededDefect<ServeDefectName>;

/** Every seeded defect of the listeners. */
export const SERVE_DEFECTS: readonly ServeDefect[] = seededDefects(SERVE_DEFECT_LIST);
