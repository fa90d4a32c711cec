/** Seeded defects, second part: TLS, HTTP, CoAP, and what the IPAd makes of servers. See defect-list.ts. */
export const IPAD_NETWORK_DEFECTS = {
  // Which server
  'eim-id-not-taken-as-host': 'SGP.32 2.11.1.1.1: an eIM without eimFqdn is not found by its eimId',
  'address-of-first-eim': 'SGP.32 2.11.1.1.1: every eIM is looked for at the address of the first',
  'anchor-of-first-eim': 'SGP.32 2.11.1.1.1: every eIM is judged by trustedPublicKeyDataTls of the first',
  'supported-protocol-ignored': 'SGP.32 2.11.1.1.1: eimSupportedProtocol is not looked at',
  // TLS
  'any-issuer-accepted': 'SGP.32 2.6.3.2: the chain of the server certificate is not looked at',
  'self-signed-accepted':
    'SGP.32 2.6.3.2: a self-signed server certificate is trusted although a CA is configured',
  'certificate-signature-unchecked':
    'SGP.32 2.6.3.2: the signature of the server certificate is not verified',
  'expiry-unchecked': 'SGP.32 2.6.3.2: an expired server certificate is trusted',
  'not-before-unchecked': 'SGP.32 2.6.3.2: a server certificate is trusted before its time',
  'trusted-key-ignored':
    'SGP.32 2.6.3.2: trustedEimPkTls is passed over, only a chain to a CA of the device counts',
  'pinned-key-unchecked': 'SGP.32 2.6.3.2: the key of the server is not compared with trustedEimPkTls',
  'pinned-leaf-refused':
    'SGP.32 2.6.3.2: trustedCertificateTls is taken for a CA only, never for the server itself',
  'intermediate-anchor-refused': 'SGP.32 2.6.3.2: an intermediate CA is not taken as trust anchor',
  'server-name-unchecked': 'SGP.32 2.6.3.2: the name in the server certificate is not compared with eimFqdn',
  'server-auth-unchecked': 'SGP.32 2.6.3.2: extendedKeyUsage of the server certificate is not looked at',
  'old-tls-offered': 'SGP.32 2.6.3.2: TLS 1.1 is taken',
  'null-suite-offered': 'SGP.32 2.6.3.2: TLS_ECDHE_ECDSA_WITH_NULL_SHA, which encrypts nothing, is offered',
  'tls-1-2-at-most': 'SGP.32 2.6.3.2: TLS 1.3 is not offered',
  'tls-1-3-only': 'SGP.32 2.6.3.2: TLS 1.2 is not offered',
  'cbc-suite-only': 'SGP.32 2.6.3.2: the suite with AES_128_GCM is not offered',
  'brainpool-not-offered': 'SGP.32 2.6.3.2: brainpoolP256r1 is not offered',
  'server-name-not-indicated': 'SGP.32 2.6.3.2: the ClientHello has no server name',
  // HTTP
  'connection-not-kept': 'SGP.32 6.1.1: each message has a TLS session of its own',
  'es9-path-for-esipa': 'SGP.32 6.1.1: ESipa messages go to a path of ES9+',
  'request-octet-stream': 'SGP.32 6.1.1: Content-Type of a request is application/octet-stream',
  'admin-protocol-missing': 'SGP.32 6.1.1: requests have no X-Admin-Protocol',
  'user-agent-lpad': 'SGP.32 6.1.1: User-Agent is that of an LPAd',
  'json-request-header': 'SGP.32 6.4: JSON requests have a header',
  'json-on-asn1-path': 'SGP.32 6.4: JSON requests go to the path of the ASN.1 binding',
  'json-request-as-text': 'SGP.32 6.4: Content-Type of a JSON request is text/plain',
  'json-status-ignored': 'SGP.32 6.4: functionExecutionStatus is not looked at',
  'no-content-as-failure': 'SGP.32 6.3.2.4: status 204 is taken for a failure',
  'http-status-ignored': 'SGP.32 6.1.1: the body of an answer counts whatever its status',
  'not-found-retried': 'SGP.32 6.1.1: a request that was refused with 4xx is sent again',
  'server-error-not-retried': 'SGP.32 3.1.1.1: after status 5xx nothing is sent again',
  'short-body-padded': 'SGP.32 6.1.1: what is missing of a body that was cut off is taken for zeros',
  'answer-type-unchecked': 'SGP.32 6.1.1: Content-Type of an answer is not looked at',
  'session-resumed': 'SGP.32 2.6.3.2: a session is resumed, without a new key exchange',
  'client-certificate-shown': 'SGP.32 2.6.3.2: a certificate is shown to an eIM that asks for one',
  // Retries
  'never-retried': 'SGP.32 3.1.1.1: what got no answer is not sent again',
  'retries-without-end': 'SGP.32 3.1.1.1: what got no answer is sent again and again',
  'no-back-off': 'SGP.32 3.1.1.1: what got no answer is sent again at once',
  // CoAP and DTLS
  'dtls-certificate-unchecked': 'SGP.32 2.6.3.2: over DTLS any certificate is trusted',
  'dtls-expiry-unchecked': 'SGP.32 2.6.3.2: over DTLS an expired server certificate is trusted',
  'dtls-pinned-key-unchecked':
    'SGP.32 2.6.3.2: over DTLS the key of the server is not compared with trustedEimPkTls',
  'dtls-1-0-offered': 'SGP.32 2.6.3.2: DTLS 1.0 is taken',
  'dtls-null-suite-offered':
    'SGP.32 2.6.3.2: over DTLS TLS_ECDHE_ECDSA_WITH_NULL_SHA, which encrypts nothing, is offered',
  'dtls-cookie-not-returned':
    'SGP.32 3.1.2.2: HelloVerifyRequest is passed over, and no ClientHello has a cookie',
  'dtls-session-resumed': 'SGP.32 2.6.3.2: a DTLS session is resumed, without a new key exchange',
  'dtls-session-kept': 'SGP.32 2.6.3.2: one DTLS session serves every cycle',
  'coap-path-of-its-own': 'SGP.32 3.1.2.2: ESipa messages go to a resource of another name',
  'coap-request-as-json': 'SGP.32 3.1.2.2: Content-Format of a request is that of JSON',
  'coap-request-without-format': 'SGP.32 3.1.2.2: requests have no Content-Format',
  'coap-non-confirmable': 'SGP.32 3.1.2.2: requests are non-confirmable, and lost when they are lost',
  'coap-one-block-sent': 'SGP.32 3.1.2.2: of a large result the first block is sent',
  'coap-first-block-only': 'SGP.32 3.1.2.2: of a large package the first block is used',
  'coap-missing-block-skipped': 'SGP.32 3.1.2.2: a block that the eIM does not give is taken for zeros',
  'coap-new-id-in-retransmission': 'SGP.32 3.1.2.2: a retransmission has another message ID',
  'coap-acknowledgement-as-answer': 'SGP.32 3.1.2.2: an empty acknowledgement is taken for the answer',
  'coap-code-ignored': 'SGP.32 3.1.2.2: the payload of an answer counts whatever its code',
  'coap-client-error-repeated': 'SGP.32 3.1.2.2: a request that was refused with 4.xx is sent again',
  'coap-max-age-ignored': 'SGP.32 3.1.2.2: Max-Age of 5.03 is not waited for',
  'coap-reset-unknown': 'SGP.32 3.1.2.2: RST is not known, and the message is sent again and again',
  'coap-reset-repeated': 'SGP.32 3.1.2.2: an exchange that was reset is tried again',
  'coap-answer-format-unchecked': 'SGP.32 3.1.2.2: Content-Format of an answer is not looked at',
  // Notification Receivers
  'receiver-status-ignored': 'SGP.32 3.7: an error of the Notification Receiver counts as delivery',
} as const;
