/** Starts a device and ends without closing anything, as a tool does that has crashed. Arguments: folder, mapping. */
import { createIpadTriggers } from '../../drivers/ipad-trigger/index.js';
import { triggersOf } from '../../src/cli/drivers/ipad-triggers-notation.js';
import { parseYaml } from '../../src/engine/yaml/parse.js';

const [folder = '', text = ''] = process.argv.slice(2);
const triggers = createIpadTriggers(triggersOf(parseYaml(text, 't.yaml'), { folder, env: {}, settings: {} }));
await triggers.fire('poll', {});
process.exit(0);
