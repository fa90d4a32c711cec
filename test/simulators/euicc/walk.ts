/** Walks through the card's functions: each takes a fresh card and notes what it shows. */
import { encode } from '../../../src/protocol/asn1/index.js';
import type { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import { ciPkId, disable, enable, remove, TestEim, type PackageOptions } from './eim.js';
import type { Eco, Psmo } from '../../../src/protocol/types/esep.js';
import { bytes, hex, ICCID1, ICCID2, ICCID3, ICCID4, ICCID5, ISD_R, type Terminal } from './terminal.js';
import { line } from './transcript.js';

export class Differs extends Error {}

export class Walk {
  readonly notes: string[] = [];
  readonly eim = new TestEim();
  readonly eim2 = new TestEim('testeim2', 'S_EIMsign2_ECDSA_NIST');
  readonly eim3 = new TestEim('testeim3', 'S_EIMsign_ECDSA_BRP');

  /** @param expected the notes of another card: the first that differs ends the walk with {@link Differs}. */
  constructor(
    readonly terminal: Terminal,
    private readonly expected?: readonly string[],
  ) {}

  note(text: string): void {
    if (this.expected !== undefined && this.expected[this.notes.length] !== text) throw new Differs(text);
    this.notes.push(text);
  }

  ask(request: Uint8Array | string): void {
    this.note(line(this.terminal.es10(request)));
  }

  send(command: string): void {
    this.note(line(this.terminal.exchange(command)));
  }

  /** Cold reset and what a terminal does then; trouble there is noted too. */
  start(): void {
    const { card } = this.terminal;
    card.powerOff();
    card.powerOn();
    this.note(hex(card.atr()));
    this.send('80AA000005A903840101');
    this.send('0070000001');
    this.send(`01A4040010${ISD_R}`);
    this.terminal.channel = 1;
  }

  add(...entries: EimConfigurationData[]): void {
    this.ask(encode(AddInitialEimRequest, { eimConfigurationDataList: entries }));
  }

  psmos(list: Psmo[], options: PackageOptions = {}, eim = this.eim): void {
    this.ask(eim.psmos(list, options));
  }

  ecos(list: Eco[], options: PackageOptions = {}, eim = this.eim): void {
    this.ask(eim.ecos(list, options));
  }

  /** Everything that can be read. */
  look(): void {
    for (const request of ['BF2D00', 'BF5500', 'BF2800', 'BF2B00', 'BF2B04A0028200', 'BF3C00', 'BF2200'])
      this.ask(request);
  }

  personalise(action: string, parameters: Record<string, unknown> = {}): void {
    this.terminal.card.applyPersonalisation(action, parameters);
  }
}

const TLS_KEY = (eim: TestEim): EimConfigurationData => ({
  ...eim.configuration(),
  eimFqdn: 'eim.example.com',
  eimIdType: 2,
  associationToken: -1,
  trustedPublicKeyDataTls: { trustedCertificateTls: eim.certificate },
  indirectProfileDownload: null,
});
const UNKNOWN_CI = bytes('00112233445566778899AABBCCDDEEFF00112233');
const GONE = '98921122334455667788';

export const WALKS: Readonly<Record<string, (w: Walk) => void>> = {
  selection(w) {
    w.start();
    w.send('0070000001');
    w.send('02A4040010A0000005591010FFFFFFFF8900000199');
    w.send('82E2910006BF3E035C015A');
    w.send('0070800100');
    w.send('0070000001');
    w.send('81E2910006BF3E035C015A');
    w.send(`01A4040010${ISD_R}`);
    w.send('81E2110003BF3E03');
    w.send('81E29105035C015A');
    w.personalise('set-profile-state', { iccid: ICCID1, state: 'enabled' });
    w.send(`01A4040010${ISD_R}`);
  },
  information(w) {
    w.personalise('set-capabilities', { treProperties: ['1'] });
    w.start();
    for (const request of [
      'BF2000',
      'BF2200',
      'BF3E00',
      'BF3E035C015A',
      'BF5600',
      'BF4300',
      'BF5F00',
      'BF2E00',
    ])
      w.ask(request);
    w.ask('BF5616801400112233445566778899AABBCCDDEEFF00112233');
    const brp = hex(w.terminal.es10('BF2000').data).slice(-40);
    w.ask(`BF56168014${brp}`);
    w.ask(`BF2D0EA00C5A0A${ICCID2}`);
    w.ask(`BF2D0EA00C5A0A${GONE}`);
    w.ask('BF2D065C049F705A91');
    w.ask('BF2D05A0035A0198');
    w.ask('BF2D05A003950102');
  },
  addresses(w) {
    w.start();
    w.ask('BF6506800474657374');
    w.ask('BF3C00');
    w.start();
    w.ask('BF3C00');
    w.ask('BF640482020520');
    w.ask('BF3C00');
    w.ask('BF65028000');
    w.ask('BF3C00');
  },
  initialEim(w) {
    const good = w.eim.configuration();
    w.start();
    w.add({ ...w.eim2.configuration(), eimId: 'a' }, { ...good, euiccCiPKId: UNKNOWN_CI });
    w.look();
    const bad: EimConfigurationData[] = [
      { ...good, associationToken: 5 },
      { ...good, counterValue: 0x800000 },
      { eimId: 'x', counterValue: 1 },
      { ...good, counterValue: undefined },
    ];
    for (const entry of bad) {
      w.add(entry);
      w.look();
    }
    w.add(good, good);
    w.add(...Array.from({ length: 5 }, (_, i) => ({ ...good, eimId: `eim${i}` })));
    w.look();
    w.add(TLS_KEY(w.eim), { ...w.eim2.configuration(), associationToken: -1 }, w.eim3.configuration());
    w.look();
    w.ask('BF550CA00A80087465737465696D32');
    w.ask('BF5505A003800178');
    w.add({ ...good, eimId: 'late' });
    w.start();
    w.look();
    w.ask('BF640482020204');
    w.add({ ...good, associationToken: -1 });
    w.look();
  },
  packages(w) {
    w.start();
    const eims = [TLS_KEY(w.eim), w.eim2.configuration()];
    w.add(...eims);
    w.eim.token = 1;
    w.ask(
      w.eim.psmos([enable(ICCID1)], { counter: 9, signature: new Uint8Array(64), transactionId: '0102' }),
    );
    w.psmos([enable(ICCID1)], { counter: 9, token: null });
    w.psmos([enable(ICCID1)], { counter: 9, token: 0, key: w.eim2.key });
    w.psmos([enable(ICCID1)], { counter: 9, eimId: 'stranger' });
    w.psmos([{ getRAT: {} }], { counter: 9, eid: '89049032123451234512345678901332', transactionId: '0102' });
    w.psmos([{ getRAT: {} }, { listProfileInfo: {} }], { counter: 9, transactionId: '0102' });
    w.psmos([{ getRAT: {} }], { counter: 9 });
    w.psmos([{ getRAT: {} }], { counter: 8 });
    w.psmos([{ getRAT: {} }], { counter: 0x10005 });
    w.psmos([{ getRAT: {} }], { counter: 2, token: 0 }, w.eim2);
    w.psmos([disable(ICCID1), { getRAT: {} }], { counter: 0x20000 });
    w.psmos([{ getRAT: {} }], { counter: 0x20000 });
    w.psmos([enable(ICCID1), { listProfileInfo: {} }], { counter: 0x20001 });
    w.psmos([], { counter: 0x20002, list: bytes('A007BF7F00A600A600') });
    w.psmos([], { counter: 0x20003, list: bytes('A006BF7F00A600A6') });
    w.psmos([], { counter: 0x20004, list: bytes('A002A600A102AB00') });
    w.psmos([enable(ICCID2), enable(ICCID3)], { counter: 0x20005 });
    w.psmos([{ getRAT: {} }], { counter: 0x800000 });
    w.personalise('set-limits', { maxPackageSize: 150, maxResponseSize: 20 });
    w.psmos([{ setDefaultDpAddress: { defaultDpAddress: 'x'.repeat(100) } }], { counter: 0x20006 });
    w.psmos([{ getRAT: {} }, { getRAT: {} }], { counter: 0x20007 });
    w.psmos([{ getRAT: {} }], { counter: 0x7fffff });
    w.look();
    w.start();
    w.look();
    w.ask('BF3003800101');
    w.ask('BF3003800101');
    w.look();
  },
  certificateEim(w) {
    w.start();
    w.add(
      w.eim3.configuration({
        eimPublicKeyData: { eimCertificate: w.eim3.certificate },
        euiccCiPKId: ciPkId('BRP'),
      }),
    );
    w.psmos([{ getRAT: {} }], {}, w.eim3);
    w.personalise('interrupt-next-package');
    w.psmos([{ getRAT: {} }, { getRAT: {} }], {}, w.eim3);
    w.start();
    w.look();
  },
  profiles(w) {
    w.start();
    w.add(w.eim.configuration());
    const lists: Psmo[][] = [
      [enable(GONE)],
      [enable(ICCID1, true)],
      [enable(ICCID1)],
      [enable(ICCID1)],
      [remove(ICCID1)],
      [enable(ICCID2)],
      [disable(GONE)],
      [disable(ICCID1)],
      [remove(GONE)],
      [remove(ICCID3)],
      [disable(ICCID2), remove(ICCID2)],
      [enable(ICCID4)],
      [enable(ICCID1)],
      [disable(ICCID4)],
      [remove(ICCID5)],
    ];
    for (const list of lists) {
      w.psmos(list);
      w.look();
    }
    w.start();
    w.look();
  },
  unannounced(w) {
    w.start();
    w.add(w.eim.configuration());
    w.personalise('install-profile', { iccid: ICCID3, notificationConfigurationInfo: [] });
    w.psmos([enable(ICCID3)]);
    w.look();
    w.ask('BF280481020640');
    w.start();
    w.send('8010000003FFFFFF');
    w.psmos([disable(ICCID3)]);
    w.look();
    w.start();
    w.look();
    w.personalise('cat-busy');
    w.psmos([enable(ICCID1)]);
  },
  notificationList(w) {
    w.start();
    w.add(w.eim.configuration());
    w.psmos([enable(ICCID1)]);
    w.psmos([enable(ICCID2)]);
    for (const request of [
      'BF2B00',
      'BF2B05A003800101',
      'BF2B05A003800102',
      'BF280481020520',
      'BF2B04A0028200',
    ])
      w.ask(request);
    w.ask('BF3003800163');
    w.start();
    w.look();
  },
  rollback(w) {
    w.start();
    w.add(w.eim.configuration());
    w.psmos([enable(ICCID2)]);
    w.psmos([enable(ICCID1)]);
    w.ask('BF58038001FF');
    w.psmos([enable(ICCID2, true), remove(ICCID1)]);
    w.ask('BF58038001FF');
    w.look();
    w.psmos([enable(ICCID2, true)]);
    w.psmos([{ getRAT: {} }]);
    w.ask('BF58038001FF');
    w.look();
    w.psmos([enable(ICCID1, true)]);
    w.psmos([remove(ICCID2)]);
    w.ask('BF58038001FF');
  },
  fallback(w) {
    w.start();
    w.add(w.eim.configuration());
    w.psmos([{ setFallbackAttribute: { iccid: bytes(ICCID1) } }]);
    w.psmos([{ setFallbackAttribute: { iccid: bytes(ICCID2) } }]);
    w.psmos([{ setFallbackAttribute: { iccid: bytes(ICCID3) } }]);
    w.look();
    w.psmos([enable(ICCID1)]);
    w.ask('BF5D038001FF');
    w.psmos([remove(ICCID1)]);
    w.look();
  },
  emergency(w) {
    w.personalise('install-profile', { name: 'PROFILE_EMERGENCY' });
    w.start();
    w.add(w.eim.configuration());
    const { iccid } = { iccid: '989209016087092143F5' };
    void iccid;
    w.psmos([enable('989209017698103254F1')]);
    w.ask('BF5B038001FF');
    w.psmos([{ getRAT: {} }]);
    w.ask('BF640482020780');
    w.look();
  },
  memoryReset(w) {
    w.start();
    w.add(w.eim.configuration({ associationToken: -1 }));
    w.eim.token = 1;
    w.psmos([enable(ICCID1)]);
    w.ask('BF640482020186');
    w.ask('BF3E035C015A');
    w.look();
  },
  configuration(w) {
    w.start();
    w.add({ ...TLS_KEY(w.eim), associationToken: undefined });
    const { eim2 } = w;
    w.ecos([{ addEim: eim2.configuration() }, { listEim: {} }]);
    w.ecos([{ addEim: eim2.configuration() }]);
    w.ecos([{ updateEim: { eimId: 'stranger' } }]);
    w.ecos([{ updateEim: { eimId: 'testeim1', counterValue: 1 } }]);
    w.ecos([{ updateEim: { eimId: 'testeim1', counterValue: 0x800000 } }], { counter: 50 });
    w.ecos(
      [{ updateEim: { eimId: 'testeim1', eimSupportedProtocol: { bytes: bytes('80'), unusedBits: 7 } } }],
      { counter: 51 },
    );
    w.look();
    w.psmos([{ getRAT: {} }], {}, eim2);
    w.ecos(
      [
        {
          updateEim: {
            eimId: 'testeim2',
            counterValue: 3,
            eimPublicKeyData: w.eim.configuration().eimPublicKeyData,
          },
        },
      ],
      { counter: 52 },
    );
    w.psmos([{ getRAT: {} }], { counter: 90 }, eim2);
    w.psmos([{ getRAT: {} }], { counter: 91, key: w.eim.key }, eim2);
    w.ecos([{ deleteEim: { eimId: 'stranger' } }], { counter: 60 });
    w.ecos([{ deleteEim: { eimId: 'testeim2' } }, { listEim: {} }], { counter: 61 });
    w.ecos([{ deleteEim: { eimId: 'testeim1' } }], { counter: 62 });
    w.look();
    w.add(w.eim.configuration());
    w.look();
  },
};

export function runWalk(name: string, terminal: Terminal, expected?: readonly string[]): string[] {
  const walk = new Walk(terminal, expected);
  WALKS[name]?.(walk);
  return walk.notes;
}
