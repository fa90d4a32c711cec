/** JSON Schema of a target, for editors. */
import { BINDINGS, PCSC_KEYS, PCSC_PROTOCOLS } from '../../src/cli/drivers/pcsc-driver.js';
import { IN_PROCESS_KEYS, PROTOCOLS } from '../../src/cli/drivers/in-process-driver.js';
import { PERSONALISER_KEYS } from '../../src/cli/drivers/personaliser.js';
import { TARGET_KEYS } from '../../src/engine/load-target.js';
import { VERSIONS } from '../../src/engine/load-test-case.js';
import { CHANGES } from '../../src/engine/suite.js';
import { eimDefinitions, eimDrivers } from './eim-target.js';
import { ipadDriver } from './ipad-target.js';
import { described, listOf, mapOf, oneWordOf, scalar, text, type Schema } from './parts.js';

const whole: Schema = { type: 'integer', minimum: 0 };
const bytes: Schema = { type: 'string', pattern: '^([0-9A-Fa-f]{2})+$' };
const map: Schema = { type: 'object' };

const personaliser: Schema = {
  oneOf: PERSONALISER_KEYS.map((key) =>
    mapOf([key, 'timeoutMs'], { [key]: scalar, timeoutMs: whole }, [key]),
  ),
};

const driver: Schema = {
  oneOf: [
    mapOf(
      IN_PROCESS_KEYS,
      {
        kind: { const: 'in-process' },
        personalisation: text,
        protocol: oneWordOf(PROTOCOLS),
        blockSize: whole,
      },
      ['kind'],
    ),
    mapOf(
      PCSC_KEYS,
      {
        kind: { const: 'pcsc' },
        reader: described(text, 'name or glob'),
        eid: { type: 'string', pattern: '^\\d{32}$' },
        binding: oneWordOf(BINDINGS),
        protocol: oneWordOf(PCSC_PROTOCOLS),
        deadlineMs: whole,
        reconnectDeadlineMs: whole,
        isdrAid: bytes,
        blockSize: whole,
        terminalCapability: described(text, 'template A9 in hex, or none'),
        personaliser,
      },
      ['kind'],
    ),
    ...eimDrivers,
    ipadDriver,
  ],
};

/** @param options all that suites/options declares, name to meaning. */
export const targetSchema = (options: ReadonlyMap<string, string>): Schema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'sgp33 target',
  definitions: eimDefinitions,
  ...mapOf(
    TARGET_KEYS,
    {
      name: text,
      iut: oneWordOf(['eUICC', 'IPAd', 'eIM']),
      driver,
      description: text,
      sgp32Version: oneWordOf(VERSIONS),
      sgp22Version: text,
      options: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          [...options].map(([name, meaning]) => [name, { type: 'boolean', description: meaning }]),
        ),
      },
      settings: map,
      constants: map,
      allow: listOf(oneWordOf(CHANGES)),
      consent: { type: 'boolean' },
      pki: text,
      interpretations: { type: 'object', additionalProperties: oneWordOf(['strict', 'lenient', 'either']) },
      defects: listOf(text),
    },
    ['name', 'iut', 'driver'],
  ),
});
