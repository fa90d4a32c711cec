import { describe, expect, it } from 'vitest';
import { isValidEid } from '../../../src/protocol/pki/eid.js';
import { loadPkiFolder } from '../../../src/protocol/pki/folder.js';
import { createEuicc, issueEuiccIdentity, newEid } from '../../../src/simulators/euicc/index.js';
import { hex, started } from './terminal.js';

const pki = loadPkiFolder();

describe('newEid', () => {
  it('gives valid EIDs of the test EUM, each once', () => {
    const eids = Array.from({ length: 1000 }, () => newEid());
    expect(eids.filter((eid) => !isValidEid(eid) || !eid.startsWith('89049032'))).toEqual([]);
    expect(new Set(eids).size).toBe(1000);
  });

  it('gives the same for the same seed, and none that it gives without', () => {
    expect(newEid(7)).toBe('89049032200000000000000000000730');
    expect(newEid(7)).not.toBe(newEid(8));
    expect(newEid()).not.toMatch(/^890490322/);
  });
});

describe('a card that was made up', () => {
  it('tells its own EID and certificates', () => {
    const identity = issueEuiccIdentity(pki, newEid());
    const terminal = started({ identity });
    expect(terminal.card.eid).toBe(identity.eid);
    expect(terminal.ask('BF3E035C015A')).toBe(`BF3E125A10${identity.eid}`);
    const answer = terminal.ask('BF5600');
    for (const certificate of [identity.entries[0]?.eumCertificate, identity.entries[0]?.euiccCertificate])
      expect(answer).toContain(hex((certificate ?? new Uint8Array(0)).subarray(4)));
    expect(terminal.ask('BF2000')).toContain(identity.entries.map(({ ci }) => `0414${ci}`).join(''));
  });

  it('wins over the personalisation, whose other keys hold', () => {
    const identity = issueEuiccIdentity(pki, newEid(), ['BRP']);
    const personalisation = { eid: '89049032123451234512345678901235', rootDsAddress: 'ds.example.com' };
    const terminal = started({ identity, personalisation });
    expect(terminal.ask('BF3E035C015A')).toContain(identity.eid);
    expect(terminal.ask('BF3C00')).toContain(Buffer.from('ds.example.com').toString('hex').toUpperCase());
  });

  it('is itself again after the reset action', () => {
    const identity = issueEuiccIdentity(pki, newEid(), ['NIST']);
    const terminal = started({ identity });
    terminal.card.applyPersonalisation('reset');
    terminal.start();
    expect(terminal.ask('BF3E035C015A')).toContain(identity.eid);
  });

  it('can tell the chain of another eUICC, as a seeded defect', () => {
    const identity = issueEuiccIdentity(pki, newEid(), ['NIST']);
    const terminal = started({ identity, defects: ['foreign-euicc-certificate'] });
    expect(terminal.ask('BF5600')).toContain(hex(pki.certificate('EUICC2_ECDSA_NIST').der.subarray(4)));
  });

  it('does not share its state with another of the same file', () => {
    const [one, two] = [
      createEuicc({ identity: issueEuiccIdentity(pki, newEid(), ['NIST']) }),
      createEuicc(),
    ];
    one.applyPersonalisation('remove-profile', { iccid: 'all' });
    one.applyPersonalisation('set-limits', { maxEims: 1 });
    expect(() =>
      two.applyPersonalisation('set-profile-state', { iccid: '8929901012345678905', state: 'enabled' }),
    ).not.toThrow();
  });
});
