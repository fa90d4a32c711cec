import { createEuiccDriver } from '../../../drivers/euicc-session.js';
import { inProcessTransport } from '../../../drivers/in-process.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { describeEuiccDriverContract } from '../../drivers/contract.js';

for (const protocol of ['T=0', 'T=1'] as const)
  describeEuiccDriverContract(`S_eUICC in the same process, ${protocol},`, async () => {
    const card = createEuicc({ protocol });
    return { driver: createEuiccDriver(inProcessTransport(card), {}), eid: card.eid };
  });
