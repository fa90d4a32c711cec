/** ES10b.GetCerts (SGP.32 5.9.10). */
import { tlv } from '../../../protocol/asn1/index.js';
import { hex, int, wrap } from '../../tlv/writer.js';
import { readFields, readOne } from '../../tlv/reader.js';
import type { Es10Function } from './function.js';

export const getCerts: Es10Function = ({ ecasd, defects }, { content }) => {
  const asked = readFields(content, [0x80]).octets(0x80);
  const named = asked === undefined ? ecasd.first : ecasd.find(hex(asked));
  const chosen = named !== undefined && defects.has('get-certs-ci-ignored') ? ecasd.first : named;
  const entry = chosen ?? (defects.has('get-certs-unknown-ci-ok') ? ecasd.first : undefined);
  if (entry === undefined) return wrap(0xbf56, int(0x81, 1));
  const other = ecasd.entries.find((e) => e !== entry) ?? entry;
  const own = entry.foreign ?? entry;
  const eum = (defects.has('certs-mixed-curves') ? other : own).eumCertificate;
  const chain = [eum, own.euiccCertificate] as const;
  const [first, last] = defects.has('certs-swapped') ? [chain[1], chain[0]] : chain;
  const arm = (tag: number, certificate: Uint8Array): Uint8Array =>
    tlv(tag, defects.has('nested-certificate-in-get-certs') ? certificate : readOne(certificate).content);
  return wrap(0xbf56, wrap(0xa0, arm(0xa5, first), arm(0xa6, last)));
};
