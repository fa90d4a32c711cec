import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { makePki } from '../../scripts/make-pki.js';
import { verifyEuiccChain } from '../../src/protocol/pki/chain.js';
import { defaultPkiFolder, loadPkiFolder } from '../../src/protocol/pki/folder.js';
import { eumNameConstraints } from '../../src/protocol/pki/issue.js';

const dir = mkdtempSync(join(tmpdir(), 'sgp33-make-pki-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

describe('makePki', () => {
  it('changes nothing in a copy of the committed folder: the plan and the files agree', () => {
    const copy = join(dir, 'copy');
    cpSync(defaultPkiFolder(), copy, { recursive: true });
    expect(makePki(copy)).toEqual([]);
  });

  it('fills an empty folder with chains that hold, and renews only what a new key touches', () => {
    const fresh = join(dir, 'fresh');
    expect(makePki(fresh)).toHaveLength(25 * 4);
    const pki = loadPkiFolder(fresh);
    const chain = {
      ci: pki.certificate('CI_ECDSA_BRP'),
      eum: pki.certificate('EUM_ECDSA_BRP'),
      euicc: pki.certificate('EUICC_ECDSA_BRP'),
    };
    expect(verifyEuiccChain(chain)).toEqual([]);
    rmSync(join(fresh, 'SK_EUM2_ECDSA_BRP.pem'));
    expect([...makePki(fresh)].sort()).toEqual(
      [
        ...['CERT_EUICC2_ECDSA_BRP.der', 'CERT_EUICC2_ECDSA_BRP.pem'],
        ...[
          'CERT_EUM2_ECDSA_BRP.der',
          'CERT_EUM2_ECDSA_BRP.pem',
          'PK_EUM2_ECDSA_BRP.pem',
          'SK_EUM2_ECDSA_BRP.pem',
        ],
      ].sort(),
    );
  });
});

it('encodes the name constraints of the SGP.26 EUM byte for byte', () => {
  const published =
    '3032a030302ea42c302a31153013060355040a0c0c525350205465737420' +
    '45554d3111300f060355040513083839303439303332';
  expect(Buffer.from(eumNameConstraints('RSP Test EUM', '89049032').value).toString('hex')).toBe(published);
});

const openssl = (...args: string[]) =>
  spawnSync('openssl', args, { encoding: 'utf8', cwd: defaultPkiFolder() });
const opensslMissing = openssl('version').status !== 0;
const why = opensslMissing ? ' (skipped: there is no openssl program)' : '';

describe.skipIf(opensslMissing)(`OpenSSL, as a second reader${why}`, () => {
  it.each(['NIST', 'BRP'])('verifies what the %s CI signed', (suffix) => {
    const names = ['EUM', 'EUM2', 'S_EIMsign', 'S_SM_DPauth', 'S_SM_DPpb', 'S_SM_DSauth'];
    const files = names.map((name) => `CERT_${name}_ECDSA_${suffix}.pem`);
    const run = openssl('verify', '-x509_strict', '-CAfile', `CERT_CI_ECDSA_${suffix}.pem`, ...files);
    expect(run.stdout.trim().split('\n')).toEqual(files.map((file) => `${file}: OK`));
  });

  it('reads the same fields as we do', () => {
    const file = 'CERT_EUICC_ECDSA_BRP.der';
    const run = openssl('x509', '-in', file, '-inform', 'DER', '-noout', '-subject', '-serial', '-enddate');
    const ours = loadPkiFolder().certificate('EUICC_ECDSA_BRP');
    expect(run.stdout.replaceAll(' = ', '=').trim().split('\n')).toEqual([
      `subject=${ours.subject.text}`,
      `serial=${ours.serialHex}`,
      'notAfter=Jan 24 00:00:00 7496 GMT',
    ]);
    expect(ours.notAfter.toISOString()).toBe('7496-01-24T00:00:00.000Z');
  });

  it('refuses each eUICC for the name constraint, which is why the chain check is ours', () => {
    const run = openssl(
      ...['verify', '-CAfile', 'CERT_CI_ECDSA_NIST.pem', '-untrusted', 'CERT_EUM_ECDSA_NIST.pem'],
      'CERT_EUICC_ECDSA_NIST.pem',
    );
    expect(run.status).not.toBe(0);
    expect(run.stderr).toContain('permitted subtree violation');
  });
});

it('a TLS server with EIM_TLS is accepted by name under the CI, and not under another CI', async () => {
  const { certificate, privateKey } = loadPkiFolder().identity('EIM_TLS');
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
  const server = createServer({ key, cert: pemOf(certificate.der) }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const handshake = async (ci: string): Promise<boolean> => {
    const ca = pemOf(loadPkiFolder().certificate(ci).der);
    const socket = connect({ port, host: '127.0.0.1', servername: 'eim.example.com', ca });
    try {
      await once(socket, 'secureConnect');
      return socket.authorized;
    } finally {
      socket.destroy();
    }
  };
  try {
    expect(await handshake('CI_ECDSA_NIST')).toBe(true);
    await expect(handshake('CI_ECDSA_BRP')).rejects.toThrow(/unable to (get|verify)/);
  } finally {
    server.close();
  }
});

function pemOf(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
}
