import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tlv } from '../../../src/protocol/asn1/index.js';
import { disable, enable } from '../euicc/eim.js';
import { bytes, EID, hex, ICCID1, ICCID2 } from '../euicc/terminal.js';
import { device, NO_PACKAGE } from './scripted-eim.js';

const functions = (es10: readonly string[]): string[] => es10.map((command) => command.slice(0, 4));

describe('GetEimPackage', () => {
  it.each([
    ['1.2', {}, `BF4F125A10${EID}`],
    ['1.2', { notifyStateChange: true }, `BF4F145A10${EID}8000`],
    ['1.2', { stateChangeCause: 4 }, `BF4F175A10${EID}8000810104`],
    ['1.2', { stateChangeCause: 1, rPLMN: bytes('00F110') }, `BF4F1C5A10${EID}8000810101820300F110`],
    ['1.0.1', { notifyStateChange: true, rPLMN: bytes('00F110') }, `BF4F195A10${EID}8000810300F110`],
    ['1.0.1', { stateChangeCause: 4 }, `BF4F145A10${EID}8000`],
  ] as const)('of %s with %j', async (version, options, message) => {
    const { ipa, eim } = await device({ version });
    expect(await ipa.poll(options)).toEqual({
      kind: 'noPackage',
      error: 1,
      sentAgain: [],
      acknowledged: [],
      rolledBack: false,
    });
    expect(eim.messages).toEqual([message]);
  });

  it('takes an answer without a body for no package', async () => {
    const { ipa, eim } = await device();
    eim.packages.push(new Uint8Array(0));
    expect(await ipa.poll()).toMatchObject({ kind: 'noPackage' });
    expect(eim.messages).toHaveLength(1);
  });
});

describe('an eUICC Package', () => {
  it('goes to the eUICC and back unchanged, with its notifications, and is removed when acknowledged', async () => {
    const { ipa, eim, signer, es10, resets, ask } = await device();
    const request = signer.psmos([enable(ICCID1)], { transactionId: 'A1B2' });
    eim.offer(request);
    const outcome = await ipa.poll();
    expect(outcome).toMatchObject({ kind: 'euiccPackage', eimPackage: request, acknowledged: [2, 1] });
    signer.verified(outcome.result ?? bytes(''));
    expect(functions(es10)).toEqual(['BF2B', 'BF51', 'BF2B', 'BF30', 'BF30']);
    expect(es10[1]).toBe(hex(request));
    // The Profile is switched before the result is delivered over it.
    expect(resets).toEqual([2]);
    const [result = ''] = eim.results;
    expect(result.startsWith(`BF50`)).toBe(true);
    expect(result).toMatch(
      new RegExp(`^BF50(82)?....5A10${EID}3082....${hex(outcome.result ?? bytes(''))}A082`),
    );
    expect(await ask('BF2B04A0028200')).toBe('BF2B02A200');
    expect(await ask('BF2B00')).toBe('BF2B02A000');
    expect(await ask('BF2D055C035A9F70')).toContain(`5A0A${ICCID1}9F700101`);
  });

  it('looks for stored results at the start only, and after one that was not acknowledged', async () => {
    const { ipa, eim, signer, es10 } = await device();
    eim.offer(signer.psmos([{ getRAT: {} }]), signer.psmos([{ getRAT: {} }]));
    await ipa.pollUntilEmpty();
    const searches = es10.filter((command) => command === 'BF2B04A0028200');
    expect(searches).toHaveLength(1);
    expect(functions(es10)).toEqual(['BF2B', 'BF51', 'BF2B', 'BF30', 'BF51', 'BF2B', 'BF30']);
  });

  it('asks for no notifications after eCOs, and has a plain result', async () => {
    const { ipa, eim, signer, es10, resets } = await device();
    eim.offer(signer.ecos([{ listEim: {} }]));
    const { result } = await ipa.poll();
    expect(functions(es10)).toEqual(['BF2B', 'BF51', 'BF30']);
    expect(resets).toEqual([]);
    expect(eim.results).toEqual([
      expect.stringMatching(new RegExp(`5A10${EID}${hex(result ?? bytes(''))}$`)),
    ]);
  });

  it('delivers errors, signed and unsigned, of which nothing is stored', async () => {
    const { ipa, eim, signer, es10 } = await device();
    eim.offer(signer.psmos([enable(ICCID1)], { counter: 1 }), signer.psmos([enable(ICCID1)], { token: 9 }));
    const outcomes = await ipa.pollUntilEmpty();
    expect(outcomes.map((o) => o.kind)).toEqual(['euiccPackage', 'euiccPackage', 'noPackage']);
    expect(eim.results[0]).toContain('BF51');
    expect(eim.results[1]).toContain('A20D80087465737465696D31840101');
    expect(functions(es10)).not.toContain('BF30');
  });

  it('without eidValue, when told so', async () => {
    const { ipa, eim, signer } = await device({ eidInResults: false });
    eim.offer(signer.ecos([{ listEim: {} }]));
    const { result } = await ipa.poll();
    expect(eim.results[0]).toMatch(new RegExp(`^BF50..${hex(result ?? bytes(''))}$`));
  });

  it('with notifications one by one behind the result', async () => {
    const { ipa, eim, signer, ask } = await device({ bundle: false });
    eim.offer(signer.psmos([enable(ICCID1)]));
    const { acknowledged } = await ipa.poll();
    expect(acknowledged).toEqual([2, 1]);
    expect(eim.results.map((m) => m.slice(0, 4))).toEqual(['BF50', 'BF3D']);
    expect(eim.results[1]).toMatch(/^BF3D82....A082....3082....BF2F/);
    expect(await ask('BF2B00')).toBe('BF2B02A000');
  });

  it('by HandleNotification, whose arrival is the acknowledgement', async () => {
    for (const version of ['1.2', '1.0.1'] as const) {
      const { ipa, eim, signer, ask } = await device({ version, resultBy: 'handleNotification' });
      eim.offer(signer.psmos([enable(ICCID1)]));
      expect((await ipa.poll()).acknowledged).toEqual([2, 1]);
      expect(eim.results[0]).toMatch(
        version === '1.2' ? /^BF3D82....BF5082....5A10/ : /^BF3D82....A182....3082....BF51/,
      );
      expect(await ask('BF2B04A0028200')).toBe('BF2B02A200');
    }
  });

  it('in the form of v1.0.1: no eidValue, notifications in the answer of the eUICC', async () => {
    const { ipa, eim, signer } = await device({ version: '1.0.1' });
    eim.offer(signer.psmos([enable(ICCID1)]), signer.ecos([{ listEim: {} }]));
    const [first, second] = await ipa.pollUntilEmpty();
    expect(first?.acknowledged).toEqual([2, 1]);
    expect(eim.results[0]).toMatch(
      new RegExp(`^BF5082....3082....${hex(first?.result ?? bytes(''))}BF2B82....A082....3082....BF2F`),
    );
    expect(eim.results[1]).toMatch(new RegExp(`^BF50..${hex(second?.result ?? bytes(''))}$`));
  });
});

describe('what is not acknowledged', () => {
  it('goes out again at the next poll, before a new package, until it is acknowledged', async () => {
    const { ipa, eim, signer } = await device();
    eim.offer(signer.psmos([enable(ICCID1)]), signer.psmos([disable(ICCID1)]));
    eim.acknowledge = [];
    const first = await ipa.poll();
    expect(first.acknowledged).toEqual([]);
    eim.acknowledge = undefined;
    const second = await ipa.poll();
    expect(second.sentAgain).toEqual([2]);
    expect(second.acknowledged).toEqual([2, 1, 4, 3]);
    expect(eim.messages.map((m) => m.slice(0, 4))).toEqual(['BF4F', 'BF50', 'BF50', 'BF4F', 'BF50']);
    expect(eim.messages[2]).toContain(hex(first.result ?? bytes('')));
    expect((await ipa.poll()).sentAgain).toEqual([]);
  });

  it('survives the eIM that is away and the end of the IPA', async () => {
    const d = await device();
    d.eim.offer(d.signer.psmos([enable(ICCID1)]));
    d.eim.failures = 1;
    await expect(d.ipa.poll()).rejects.toThrow('the eIM is away');
    const outcomes = await d.restarted().pollUntilEmpty();
    expect(outcomes).toMatchObject([{ kind: 'noPackage', sentAgain: [2], acknowledged: [2, 1] }]);
    expect(await d.ask('BF2B04A0028200')).toBe('BF2B02A200');
  });

  it('is left alone when it is for another eIM', async () => {
    const d = await device({ eimId: 'testeim2' });
    await d.ask(hex(d.signer.psmos([{ getRAT: {} }])));
    expect((await d.ipa.poll()).sentAgain).toEqual([]);
    expect(d.eim.messages).toHaveLength(1);
  });
});

describe('rollback', () => {
  it('goes back once when the result can not be delivered and the package allowed it', async () => {
    const { ipa, eim, signer, ask, resets, card } = await device();
    card.applyPersonalisation('set-profile-state', { iccid: ICCID2, state: 'enabled' });
    eim.offer(signer.psmos([{ enable: { iccid: bytes(ICCID1), rollbackFlag: null } }]));
    eim.failures = 1;
    const outcome = await ipa.poll();
    expect(outcome).toMatchObject({ rolledBack: true, acknowledged: [4] });
    expect(hex(outcome.result ?? bytes(''))).toContain('3006' + '830100' + '8C0100');
    expect(resets).toHaveLength(2);
    expect(await ask('BF2D055C035A9F70')).toContain(`5A0A${ICCID2}9F700101`);
    expect(await ask('BF2B04A0028200')).toBe('BF2B02A200');
  });

  it('does not without rollbackFlag, nor when it is switched off', async () => {
    for (const [psmo, rollback] of [
      [enable(ICCID1), true],
      [{ enable: { iccid: bytes(ICCID1), rollbackFlag: null } }, false],
    ] as const) {
      const { ipa, eim, signer, ask, card } = await device({ rollback });
      card.applyPersonalisation('set-profile-state', { iccid: ICCID2, state: 'enabled' });
      eim.offer(signer.psmos([psmo]));
      eim.failures = 1;
      await expect(ipa.poll()).rejects.toThrow('the eIM is away');
      expect(await ask('BF2D055C035A9F70')).toContain(`5A0A${ICCID1}9F700101`);
    }
  });
});

describe('what is no package', () => {
  it.each([
    ['garbage', '00', 1],
    ['a truncated answer', 'BF4F05BF51', 1],
    ['an unknown arm', 'BF4F03BF5300', 2],
    ['an eUICC Package without its signature', `BF4F05BF51023000`, 1],
    ['a data request without a tagList', 'BF4F03BF5200', 1],
    ['a trigger with a bad activation code', 'BF4F09BF5406A00480023124', 1],
    ['a trigger without data', 'BF4F03BF5400', 1],
  ])('%s', async (_, answer, code) => {
    for (const version of ['1.2', '1.0.1'] as const) {
      const { ipa, eim, es10 } = await device({ version });
      eim.packages.push(bytes(answer));
      expect(await ipa.poll()).toMatchObject({ kind: 'refused', error: code });
      const error = `02010${String(code)}`;
      expect(eim.results).toEqual([version === '1.2' ? `BF50175A10${EID}A003${error}` : `BF5003${error}`]);
      expect(functions(es10)).toEqual(['BF2B']);
    }
  });

  it('echoes the transaction id that it found', async () => {
    const { ipa, eim } = await device();
    eim.packages.push(bytes('BF4F09BF52068304A1B2C3D4'));
    await ipa.poll();
    expect(eim.results).toEqual([`BF501D5A10${EID}A0098004A1B2C3D4020101`]);
  });

  it('is an undefinedError when the eUICC answers with a status word', async () => {
    const { ipa, eim, signer } = await device({}, ['damaged-psmo-status-word']);
    eim.offer(signer.psmos([], { list: bytes('A003A90100'), transactionId: '77' }));
    expect(await ipa.poll()).toMatchObject({ kind: 'refused', error: 127 });
    expect(eim.results[0]).toMatch(/A00680017702017F$/);
  });
});

describe('deviations', () => {
  it('change what goes out', async () => {
    const { ipa, eim } = await device({
      deviate: (message, kind) => (kind === 'getEimPackage' ? bytes('BF4F00') : message),
    });
    await ipa.poll();
    expect(eim.messages).toEqual(['BF4F00']);
  });

  it('drop a result, which goes out at the next poll', async () => {
    let drop = true;
    const { ipa, eim, signer } = await device({
      deviate: (message, kind) => (drop && kind === 'provideEimPackageResult' ? 'drop' : message),
    });
    eim.offer(signer.psmos([enable(ICCID1)]));
    expect(await ipa.poll()).toMatchObject({ kind: 'euiccPackage', acknowledged: [] });
    expect(eim.results).toEqual([]);
    drop = false;
    expect(await ipa.poll()).toMatchObject({ sentAgain: [2], acknowledged: [2, 1] });
  });

  it('drop a request', async () => {
    const { ipa, eim } = await device({ deviate: () => 'drop' });
    expect(await ipa.pollUntilEmpty()).toMatchObject([{ kind: 'dropped' }]);
    expect(eim.messages).toEqual([]);
  });
});

const KINDS = ['euiccPackage', 'noPackage', 'refused', 'unexpected', 'ipaEuiccData', 'profileDownload'];

it('whatever the eIM answers, a poll comes to its end', async () => {
  const { ipa, eim, signer } = await device();
  const sound = signer.psmos([{ getRAT: {} }], { transactionId: 'A1B2' });
  const bent = fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, octet]) =>
    tlv(
      0xbf4f,
      sound.map((b, i) => (i === at ? octet : b)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.uint8Array({ maxLength: 64 }), bent),
      fc.uint8Array(),
      async (offer, answer) => {
        eim.packages.push(offer);
        eim.answer = answer;
        expect(KINDS).toContain((await ipa.poll()).kind);
      },
    ),
    { numRuns: 150 },
  );
});

it('pollUntilEmpty ends at its bound, and reports a state change once', async () => {
  const { ipa, eim, signer } = await device();
  eim.offer(...[0, 1, 2].map(() => signer.psmos([{ getRAT: {} }])));
  eim.packages.push(NO_PACKAGE);
  expect(await ipa.pollUntilEmpty(2, { notifyStateChange: true })).toHaveLength(2);
  const polls = eim.messages.filter((m) => m.startsWith('BF4F'));
  expect(polls.map((m) => m.endsWith('8000'))).toEqual([true, false]);
  expect(await ipa.pollUntilEmpty()).toHaveLength(2);
});
