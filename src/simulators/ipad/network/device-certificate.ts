/** A certificate of the device, which no eIM asks for (SGP.32 2.6.3.2); only a defect shows it. */
import { generateKeyPairSync } from 'node:crypto';
import { issueCertificate } from '../../../protocol/pki/issue.js';

const DAY_MS = 86_400_000;

/** PEM, self-signed, made anew for each process. */
export function deviceCredentials(): { readonly cert: string; readonly key: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = [['CN', 'IPAd']] as const;
  const der = issueCertificate(
    {
      subject: name,
      issuer: name,
      serial: Uint8Array.of(1),
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + DAY_MS),
      subjectKey: privateKey,
      extensions: [],
    },
    privateKey,
  );
  const base64 = Buffer.from(der).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
