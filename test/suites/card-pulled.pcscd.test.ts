/** A card that is pulled in the middle of a run, through the real pcscd: nothing is lost, and the run goes on. */
import { expect, it } from 'vitest';
import { createEuiccDriver } from '../../drivers/euicc-session.js';
import { openPcsc } from '../../drivers/pcsc/open-pcsc.js';
import { createEuicc, type SEuicc } from '../../src/simulators/euicc/index.js';
import type { VirtualCard } from '../../src/simulators/virtual-card.js';
import { attachToVpcd, type VpcdAttachment } from '../../src/simulators/vpcd-client.js';
import { describePcscd } from '../support/pcscd.js';
import { runSuite } from '../support/suite-run.js';

/** Calls `pull` once, in the middle of the third GetCerts (BF56): a step that is judged. */
function pulledAtGetCerts(card: SEuicc, pull: () => void): VirtualCard {
  let count = 0;
  return {
    atr: () => card.atr(),
    powerOn: () => card.powerOn(),
    powerOff: () => card.powerOff(),
    reset: () => card.reset(),
    transmit: (command) => {
      if (command[1] === 0xe2 && command[5] === 0xbf && command[6] === 0x56 && ++count === 3) pull();
      return card.transmit(command);
    },
  };
}

const sequences = ['TC_eUICC_ES10b.GetEID*', 'TC_eUICC_ES10b.GetCerts*', 'TC_eUICC_ESep.Disable#01'];

describePcscd('a card that is pulled', (pcscd) => {
  const start = async (comesBack: boolean): Promise<string[]> => {
    const handle = pcscd();
    const card = createEuicc();
    let attachment: VpcdAttachment | undefined;
    let back: Promise<unknown> = Promise.resolve();
    attachment = await attachToVpcd(
      pulledAtGetCerts(card, () => {
        attachment?.detach();
        back = handle.waitFor((r) => !r.present).then(async () => {
          if (comesBack) attachment = await attachToVpcd(card, { port: handle.port });
        });
      }),
      { port: handle.port },
    );
    try {
      await handle.waitFor((r) => r.present);
      const driver = createEuiccDriver((_, signal) => openPcsc({ reader: handle.reader, deadlineMs: 10_000 }, signal), {
        reconnectDeadlineMs: comesBack ? 15_000 : 500,
      });
      const results = (await runSuite(driver, sequences)).results();
      return results.map((r) => `${r.verdict} ${r.problems[0]?.cause ?? ''}`.trim());
    } finally {
      await back;
      attachment.detach();
      await handle.waitFor((r) => !r.present);
    }
  };

  it('makes the sequence INCONCLUSIVE, and the others run when it is back', { timeout: 90_000 }, async () => {
    const verdicts = await start(true);
    expect(verdicts.filter((v) => v !== 'PASS')).toEqual(['INCONCLUSIVE environment']);
    expect(verdicts.at(-1)).toBe('PASS');
    expect(verdicts.length).toBe(9);
  });

  it('makes what is left INCONCLUSIVE when it stays away, and the run ends', { timeout: 90_000 }, async () => {
    const verdicts = await start(false);
    const pulled = verdicts.findIndex((v) => v !== 'PASS');
    expect(pulled).toBeGreaterThan(0);
    expect(new Set(verdicts.slice(pulled))).toEqual(new Set(['INCONCLUSIVE environment']));
    expect(verdicts.length).toBe(9);
  });
});
