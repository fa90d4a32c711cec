import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/protocol/package-root.js';
import { generatedSchemas } from '../../scripts/make-schema.js';
import { TAGS } from '../../src/engine/yaml/parse.js';

test('the schemas and the settings of the editor are up to date', async () => {
  for (const [file, text] of await generatedSchemas(packageRoot()))
    expect(readFileSync(join(packageRoot(), file), 'utf8'), file).toBe(text);
});

test('the editor knows every tag on every kind of node', () => {
  const settings = JSON.parse(readFileSync(join(packageRoot(), '.vscode/settings.json'), 'utf8')) as {
    'yaml.customTags': string[];
  };
  expect(settings['yaml.customTags']).toHaveLength(TAGS.size * 3);
});

test('every target that comes with the package names its driver', () => {
  for (const file of readdirSync(join(packageRoot(), 'config/targets'), {
    recursive: true,
    encoding: 'utf8',
  }).filter((f) => f.endsWith('.yaml')))
    expect(readFileSync(join(packageRoot(), 'config/targets', file), 'utf8')).toMatch(
      /^ {2}kind: (in-process|pcsc|eim-https|eim-coap|eim-in-process|ipad)$/m,
    );
});
