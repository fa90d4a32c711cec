/**
 * The seeded defects of the IPAd around its IPA: the eUICC, the network, what it does by itself. Each is a mistake that
 * an implementer could make, consulted at one place; none knows a test. Name: clause that it breaks, and what goes wrong.
 */
export const IPAD_DEFECT_LIST = {
  // The eUICC
  'terminal-capability-missing': 'SGP.32 3.8.1: TERMINAL CAPABILITY is not sent',
  'es10-on-basic-channel': 'SGP.22 5.7.1: the ISD-R is selected on the basic channel',
  'channel-left-open': 'SGP.22 5.7.1: the logical channel is not closed at the end of a cycle',
  'proactive-command-ignored': 'SGP.32 3.4.1: 91xx is not followed by FETCH',
  'no-reset-after-refresh': 'SGP.32 3.4.1: a REFRESH is answered, but the card is not reset',
  'no-reset-after-switch': 'SGP.32 3.4.1: without a REFRESH the card is not reset after a Profile switch',
  'one-get-response-only': 'SGP.22 5.7.2: of a long answer only the first two parts are fetched',
  'length-127-as-long-form': 'SGP.22 5.7.2: an answer whose length is 127 is taken for one that was cut off',
  'store-data-status-ignored': 'SGP.22 5.7.2: an error status word in the middle of a chain is not noticed',
  'every-block-is-last': 'SGP.22 5.7.2: P1 of STORE DATA is 91 in every block',
  'block-number-constant': 'SGP.22 5.7.2: P2 of STORE DATA is always 00',
  'block-number-from-one': 'SGP.22 5.7.2: P2 of STORE DATA leaves out 01',
  'block-number-not-reset': 'SGP.22 5.7.2: P2 of STORE DATA goes on counting in the next function',
  // TLS
  'any-issuer-accepted': 'SGP.32 2.6.3.2: the chain of the server certificate is not looked at',
  'self-signed-accepted':
    'SGP.32 2.6.3.2: a self-signed server certificate is trusted although a CA is configured',
  'certificate-signature-unchecked':
    'SGP.32 2.6.3.2: the signature of the server certificate is not verified',
  'expiry-unchecked': 'SGP.32 2.6.3.2: an expired server certificate is trusted',
  'not-before-unchecked': 'SGP.32 2.6.3.2: a server certificate is trusted before its time',
  'pinned-key-unchecked': 'SGP.32 2.6.3.2: the key of the server is not compared with trustedEimPkTls',
  'pinned-leaf-refused':
    'SGP.32 2.6.3.2: trustedCertificateTls is taken for a CA only, never for the server itself',
  'intermediate-anchor-refused': 'SGP.32 2.6.3.2: an intermediate CA is not taken as trust anchor',
  'server-name-unchecked': 'SGP.32 2.6.3.2: the name in the server certificate is not compared with eimFqdn',
  'server-auth-unchecked': 'SGP.32 2.6.3.2: extendedKeyUsage of the server certificate is not looked at',
  'old-tls-offered': 'SGP.32 2.6.3.2: TLS 1.1 is taken',
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
  'answer-type-unchecked': 'SGP.32 6.1.1: Content-Type of an answer is not looked at',
} as const;
