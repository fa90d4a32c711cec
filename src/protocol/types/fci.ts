/** The answer to SELECT of the ISD-R (SGP.22 5.7.1, SGP.32 3.8.4): an ISO 7816-4 template, not an ASN.1 SEQUENCE. */
import { octets, opaque, opt, template, type ValueOf } from '../asn1/schema.js';
import { ISDRProprietaryApplicationTemplateIoT } from './es10-data.js';
import { ISDRProprietaryApplicationTemplate } from './rsp-info.js';

/** Its data objects come in any order; what else a card puts there is kept as `$unknown`. */
export const FciTemplate = template('FciTemplate', 0x6f, {
  aid: opt(0x84, octets({ min: 5, max: 16 })),
  /** FCI proprietary template of GlobalPlatform; the complete `A5` TLV. */
  proprietaryInformation: opt(0xa5, opaque('FciProprietaryTemplate', 0xa5)),
  isdrProprietaryApplicationTemplate: opt(0xe0, ISDRProprietaryApplicationTemplate),
  isdrProprietaryApplicationTemplateIoT: opt(0xe1, ISDRProprietaryApplicationTemplateIoT),
});
export type FciTemplate = ValueOf<typeof FciTemplate>;
