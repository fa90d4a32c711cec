/** What a good IPA offers over DTLS (SGP.32 2.6.3.2), and what our server takes, unless options say otherwise. */

const CERTIFICATE_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-CCM8',
  'ECDHE-ECDSA-AES128-SHA256',
];
/** The first is mandatory for CoAP with pre-shared keys (RFC 7252 9.1.3.1). */
const PSK_SUITES = ['PSK-AES128-CCM8', 'PSK-AES128-GCM-SHA256'];
/** DTLS 1.0 knows neither GCM and CCM nor SHA-256. */
const OLD_CERTIFICATE_SUITES = ['ECDHE-ECDSA-AES128-SHA'];
const OLD_PSK_SUITES = ['PSK-AES128-CBC-SHA'];

/** The two curves that SGP.22 and SGP.32 sign with. */
export const DEFAULT_GROUPS = ['prime256v1', 'brainpoolP256r1'];

/** OpenSSL's names, in order of preference. */
export function defaultSuites(use: {
  readonly certificate: boolean;
  readonly psk: boolean;
  readonly old: boolean;
}): string[] {
  return [
    ...(use.certificate ? CERTIFICATE_SUITES : []),
    ...(use.psk ? PSK_SUITES : []),
    ...(use.certificate && use.old ? OLD_CERTIFICATE_SUITES : []),
    ...(use.psk && use.old ? OLD_PSK_SUITES : []),
  ];
}
