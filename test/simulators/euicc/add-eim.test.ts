/** What the test tool does to the card past its commands: an eIM more, and a look into it. */
import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/protocol/asn1/index.js';
import { EimConfigurationData } from '../../../src/protocol/types/es10-data.js';
import { GetEimConfigurationDataResponse } from '../../../src/protocol/types/es10.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { enable, TestEim } from './eim.js';
import { clean, EID, hex, ICCID1, started, type Terminal } from './terminal.js';

const configurationOf = (eim: TestEim, more: Partial<EimConfigurationData> = {}): string =>
  hex(encode(EimConfigurationData, eim.configuration(more)));

const eimsOf = ({ card }: Terminal) =>
  clean(GetEimConfigurationDataResponse, card.es10(Uint8Array.of(0xbf, 0x55, 0)).data)
    .eimConfigurationDataList;

describe('the action add-eim', () => {
  it('associates an eIM beside another, with the counter and the token that are given', () => {
    const terminal = started();
    new TestEim('first').associate(terminal);
    const eim = new TestEim('second');
    terminal.card.applyPersonalisation('add-eim', {
      eimConfigurationData: configurationOf(eim, { eimFqdn: 'eim.example.com' }),
      counterValue: 41,
      associationToken: 7,
    });
    expect(eimsOf(terminal)).toMatchObject([
      { eimId: 'first' },
      { eimId: 'second', eimFqdn: 'eim.example.com', counterValue: 41, associationToken: 7 },
    ]);
    eim.counter = 41;
    eim.token = 7;
    expect(terminal.ask(eim.psmos([enable(ICCID1)]))).toContain('830100');
  });

  it('allocates a token that nobody has, and replaces an eIM of the same name', () => {
    const terminal = started();
    const add = (more: object, data: Partial<EimConfigurationData> = {}): void =>
      terminal.card.applyPersonalisation('add-eim', {
        eimConfigurationData: configurationOf(new TestEim('one'), data),
        ...more,
      });
    add({ associationToken: 5 });
    add({}, { associationToken: -1 });
    expect(eimsOf(terminal)).toMatchObject([{ eimId: 'one', associationToken: 6 }]);
    add({});
    expect(eimsOf(terminal)[0]?.associationToken).toBeUndefined();
  });

  it.each([
    ['3000', 'code 7'],
    ['BF5700', 'no SEQUENCE'],
    ['30', 'no DER'],
    ['8001', 'no DER'],
  ])('refuses %s', (eimConfigurationData, why) => {
    const { card } = started();
    const add = (): void => card.applyPersonalisation('add-eim', { eimConfigurationData });
    expect(add).toThrow(expect.objectContaining({ code: 'personalisation-action' }));
    expect(add).toThrow(why);
  });
});

describe('ES10 past the channels', () => {
  it('disturbs neither a chain nor an answer that waits', () => {
    const terminal = started();
    expect(terminal.send('81E2110003BF3E03').sw).toBe('9000');
    expect(hex(terminal.card.es10(Uint8Array.from([0xbf, 0x3e, 3, 0x5c, 1, 0x5a])).data)).toContain(EID);
    expect(terminal.send('81E29101035C015A').sw).toBe('6115');
    expect(terminal.card.es10(Uint8Array.from([0xbf, 0x20, 0])).sw).toBe(0x9000);
    expect(hex(terminal.send('01C0000015').data)).toContain(EID);
  });

  it('tells the status word of a refusal, and works without power', () => {
    const card = createEuicc();
    card.powerOff();
    expect(card.es10(Uint8Array.from([0xbf, 0x3e, 3, 0x5c, 1, 0x5a])).sw).toBe(0x9000);
    expect(card.es10(Uint8Array.from([0xbf, 0x7f]))).toEqual({ data: new Uint8Array(0), sw: 0x6a80 });
    expect(card.es10(Uint8Array.from([0xbf, 0x70, 0])).sw).toBe(0x6a88);
    expect(card.es10(new Uint8Array(0)).sw).toBe(0x6a80);
  });
});
