/** What node:tls does not do: a certificate judged in the middle of the handshake, and refused with an alert. */
export { CertificateGate, type CertificateRefusal, type CertificateVerdict } from './certificate-gate.js';
export { judgeCertificate, type CertificateFault, type CertificateTrust } from './judge-certificate.js';
export { CERTIFICATE, CERTIFICATE_REQUEST, certificatesOf, handshakeMessages } from './handshake-messages.js';
export { aeadsFor, RecordKeys, secretIn, type TlsRecord } from './tls13-keys.js';
