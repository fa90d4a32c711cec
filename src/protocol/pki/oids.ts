/** Object identifiers of RSP certificates (SGP.22 annex I for `id-rsp-cert-objects`, RFC 5280 for the rest). */

export const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecPublicKey: '1.2.840.10045.2.1',
  commonName: '2.5.4.3',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  /** The v3 EUM certificate's list of EID prefixes (SGP.22 v3, SGP.29). */
  permittedEins: '2.23.146.1.2.2.0',
} as const;

export type RspRole = 'ci' | 'eum' | 'euicc' | 'dp-tls' | 'dp-auth' | 'dp-pb' | 'ds-tls' | 'ds-auth';

/** Per role the id-rspRole policies: SGP.22 v2 first, then v3, whose arcs mirror the chain. */
export const ROLE_POLICIES: Record<RspRole, readonly string[]> = {
  ci: ['2.23.146.1.2.1.0'],
  eum: ['2.23.146.1.2.1.2', '2.23.146.1.2.1.0.0.0'],
  euicc: ['2.23.146.1.2.1.1', '2.23.146.1.2.1.0.0.0.0.0'],
  'dp-tls': ['2.23.146.1.2.1.3', '2.23.146.1.2.1.0.0.1.0'],
  'dp-auth': ['2.23.146.1.2.1.4', '2.23.146.1.2.1.0.0.1.1'],
  'dp-pb': ['2.23.146.1.2.1.5', '2.23.146.1.2.1.0.0.1.2'],
  'ds-tls': ['2.23.146.1.2.1.6', '2.23.146.1.2.1.0.0.2.0'],
  'ds-auth': ['2.23.146.1.2.1.7', '2.23.146.1.2.1.0.0.2.1'],
};

/** The v2 policy of a role, as a string. */
export function rolePolicy(role: RspRole): string {
  return ROLE_POLICIES[role][0] ?? '';
}
