/**
 * Makes what editors need to know of the YAML files: `npm run schema`. With `--check` nothing is written, and a file
 * that is out of date ends with exit code 1.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { loadSuite } from '../src/engine/load-suite.js';
import { TAGS } from '../src/engine/yaml/parse.js';
import { packageRoot } from '../src/protocol/package-root.js';
import { targetSchema } from './schema/target.js';
import { testCaseSchema } from './schema/test-case.js';

/** What the YAML extension of the editor is told: the tags on every kind of node, and which schema holds where. */
const editorSettings = {
  'yaml.customTags': [...TAGS].flatMap((tag) =>
    ['scalar', 'sequence', 'mapping'].map((kind) => `!${tag} ${kind}`),
  ),
  'yaml.schemas': {
    './config/schema/test-case.schema.json': ['suites/sgp33-*/**/*.yaml'],
    './config/schema/target.schema.json': ['config/targets/**/*.yaml'],
  },
};

/** File below the root to its text. */
export async function generatedSchemas(root: string): Promise<Map<string, string>> {
  const { catalogue } = loadSuite({ root });
  const style = (await resolveConfig(join(root, 'package.json'))) ?? {};
  const json = (value: unknown): Promise<string> =>
    format(JSON.stringify(value), { ...style, parser: 'json' });
  return new Map([
    ['config/schema/test-case.schema.json', await json(testCaseSchema)],
    ['config/schema/target.schema.json', await json(targetSchema(catalogue.options))],
    ['.vscode/settings.json', await json(editorSettings)],
  ]);
}

async function main(check: boolean): Promise<number> {
  const root = packageRoot();
  const stale = [...(await generatedSchemas(root))].filter(
    ([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text,
  );
  for (const [file, text] of stale) {
    if (check) process.stderr.write(`${file} is out of date: run \`npm run schema\`\n`);
    else {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
      process.stdout.write(`${file}\n`);
    }
  }
  return check && stale.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.includes('--check'));
