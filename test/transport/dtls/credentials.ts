import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/protocol/package-root.js';
import type { DtlsCredentials } from '../../../src/transport/dtls/index.js';

export const HOST = '127.0.0.1';

export function pemPath(name: string): string {
  return join(packageRoot(), 'fixtures', 'pki', `${name}.pem`);
}
export function pem(name: string): string {
  return readFileSync(pemPath(name), 'utf8');
}

export const EIM_TLS: DtlsCredentials = { certificate: pem('CERT_EIM_TLS'), privateKey: pem('SK_EIM_TLS') };
export const CI = pem('CERT_CI_ECDSA_NIST');
export const PSK = { identity: 'device-1', key: Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex') };
