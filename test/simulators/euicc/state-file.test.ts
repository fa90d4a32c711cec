import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/protocol/asn1/index.js';
import { AddInitialEimRequest } from '../../../src/protocol/types/es10.js';
import { createEuicc } from '../../../src/simulators/euicc/index.js';
import { enable, TestEim } from './eim.js';
import { hex, ICCID1, ISD_R, Terminal } from './terminal.js';

let folder: string;
let stateFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sgp33-euicc-'));
  stateFile = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function card(): Terminal {
  const terminal = new Terminal(createEuicc({ stateFile }));
  terminal.start();
  return terminal;
}

describe('the state file', () => {
  it('carries everything to the next start', () => {
    const eim = new TestEim();
    const first = card();
    eim.associate(first, { associationToken: -1 });
    expect(eim.run(first, [enable(ICCID1)])).toEqual([{ enableResult: 0 }]);
    first.ask('BF650480026162');
    const seen = (t: Terminal): string[] =>
      ['BF2D00', 'BF5500', 'BF2800', 'BF2B04A0028200', 'BF3C00'].map((r) => t.ask(r));
    const before = seen(first);
    const second = card();
    expect(seen(second)).toEqual(before);
    expect(eim.run(second, [{ getRAT: {} }])).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('goes back to the personalisation by reset', () => {
    const first = card();
    const fresh = first.ask('BF3C00');
    first.ask('BF650480026162');
    first.card.applyPersonalisation('reset');
    expect(first.ask('BF3C00')).toBe(fresh);
    expect(card().ask('BF3C00')).toBe(fresh);
  });

  it('is refused when it is none, or of another eUICC', () => {
    for (const content of ['{"format":1', '{}', '[]', 'null']) {
      writeFileSync(stateFile, content);
      expect(() => createEuicc({ stateFile })).toThrow(
        expect.objectContaining({ code: 'state-file', place: stateFile }),
      );
    }
    rmSync(stateFile);
    card();
    const other = JSON.stringify({ ...JSON.parse(readFileSync(stateFile, 'utf8')), eid: '0'.repeat(32) });
    writeFileSync(stateFile, other);
    expect(() => createEuicc({ stateFile })).toThrow(/another eUICC/);
    expect(() => createEuicc({ stateFile: join(folder, 'no', 'folder') })).toThrow(
      expect.objectContaining({ code: 'state-file' }),
    );
  });

  it('survives a SIGKILL right after an answer', { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL('card-on-stdin.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, stateFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const send = async (command: string): Promise<string> => {
      child.stdin.write(`${command}\n`);
      const { value } = (await lines.next()) as { value?: string };
      return (value ?? '').toUpperCase();
    };
    expect(await send('0070000001')).toBe('019000');
    expect(await send(`01A4040010${ISD_R}`)).toMatch(/^61/);
    const eim = new TestEim();
    const request = hex(encode(AddInitialEimRequest, { eimConfigurationDataList: [eim.configuration()] }));
    const block = (request.length / 2).toString(16).padStart(2, '0');
    expect(await send(`81E29100${block}${request}`)).toBe('6107');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = card();
    expect(eim.run(again, [enable(ICCID1)])).toEqual([{ enableResult: 0 }]);
  });
});
