import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import { openPcsc } from '../../../drivers/pcsc/open-pcsc.js';
import { createEuicc, serveEuicc } from '../../../src/simulators/euicc/index.js';
import { describePcscd } from '../../support/pcscd.js';
import { EuiccPackageResult } from '../../../src/protocol/types/esep-result.js';
import { encode } from '../../../src/protocol/asn1/index.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import { enable, TestEim } from './eim.js';
import { clean, EID, hex, ICCID1 } from './terminal.js';

const run = promisify(execFile);

describePcscd('S_eUICC in the virtual reader', (pcscd) => {
  const ends: AbortController[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) end.abort();
    await pcscd().waitFor(({ present }) => !present);
  }, 20_000);

  async function insert(protocol: 'T=0' | 'T=1') {
    const end = new AbortController();
    ends.push(end);
    await serveEuicc({ protocol, vpcd: `127.0.0.1:${pcscd().port}`, signal: end.signal });
    await pcscd().waitFor(({ present }) => present);
  }

  it.each(['T=0', 'T=1'] as const)('executes a package under %s', { timeout: 30_000 }, async (protocol) => {
    await insert(protocol);
    const driver = createEuiccDriver(() => openPcsc({ reader: pcscd().reader }), { expectedEid: EID });
    await driver.open();
    expect(driver.identity.protocol).toBe(protocol);
    const eim = new TestEim();
    const es10 = async (data: Uint8Array) => (await driver.exchange({ kind: 'es10', data })).data;
    const request = encode(AddInitialEimRequest, { eimConfigurationDataList: [eim.configuration()] });
    expect(hex(await es10(request))).toBe('BF5704A0020500');
    const result = clean(EuiccPackageResult, await es10(eim.psmos([enable(ICCID1), { getRAT: {} }])));
    expect(result.euiccPackageResultSigned?.euiccPackageResultDataSigned.euiccResult).toMatchObject([
      { enableResult: 0 },
      { getRATResult: [{}] },
    ]);
    await driver.close();
  });

  it.each(['T=0', 'T=1'] as const)(
    'does not choke other tools under %s',
    { timeout: 30_000 },
    async (protocol) => {
      await insert(protocol);
      const atr = hex(createEuicc({ protocol }).atr());
      const { stdout } = await run('opensc-tool', ['-a', '-r', pcscd().reader]);
      expect(stdout.replace(/[\s:]/g, '').toUpperCase()).toContain(atr);
      const scan = await run('pcsc_scan', ['-c']).catch((error: unknown) => error as { stdout: string });
      expect(scan.stdout.replace(/\s/g, '').toUpperCase()).toContain(atr);
    },
  );
});
