import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command } from 'commander';
import { expect, it } from 'vitest';
import { program } from '../../src/cli/program.js';
import { packageRoot } from '../../src/protocol/package-root.js';

const root = packageRoot();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const markdown = [
  ...readdirSync(root).filter((f) => f.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.md'))
    .map((f) => join('docs', f)),
].sort();

/** Text without code, where brackets are no links. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');

/** GitHub's anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchors = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map((m) => anchor(m[1] ?? ''));

it.each(markdown)('%s: every relative link leads to a file, and every anchor to a heading', (file) => {
  const links = [...prose(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1] ?? '');
  const broken = links
    .filter((link) => !/^(https?|mailto):/.test(link))
    .filter((link) => {
      const [path = '', fragment] = link.split('#');
      const target = path === '' ? join(root, file) : resolve(root, dirname(file), path);
      if (!existsSync(target)) return true;
      return fragment !== undefined && !anchors(readFileSync(target, 'utf8')).includes(fragment);
    });
  expect(broken).toEqual([]);
});

it.each(markdown.filter((f) => f.startsWith('docs') && !f.startsWith(join('docs', 'adr'))))(
  '%s ends with where to go next',
  (file) => {
    const last = read(file).trimEnd().split('\n\n').at(-1) ?? '';
    expect(last).toMatch(/^Next: .*\]\(/s);
  },
);

it.each(markdown)('%s names only npm scripts and sgp33 commands that exist', (file) => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
  const text = read(file);
  const npmRun = [...text.matchAll(/npm run (?:--\S+ )*([a-z][a-z:]*)/g)].map((m) => m[1] ?? '');
  const npmWord = [...text.matchAll(/\bnpm (start|test)\b/g)].map((m) => m[1] ?? '');
  expect([...npmRun, ...npmWord].filter((s) => !scripts.includes(s))).toEqual([]);

  const sgp33 = program(() => {});
  const unknown = [...text.matchAll(/(?:npx |`|^\s*)sgp33 ([a-z]+)((?: [^\n`]*)?)/gm)].flatMap((m) =>
    wrongUse(sgp33, m[1] ?? '', m[2] ?? ''),
  );
  expect(unknown).toEqual([]);
});

/** What is not there of `sgp33 COMMAND ...`: the command, or its options. */
function wrongUse(sgp33: Command, name: string, rest: string): string[] {
  let command = sgp33.commands.find((c) => c.name() === name);
  if (command === undefined) return [`sgp33 ${name}`];
  const words = rest.split(' #')[0]?.split(/\s+/) ?? [];
  command = command.commands.find((c) => c.name() === words[1]) ?? command;
  const known = command.options.flatMap((o) => [o.short, o.long]);
  return words
    .filter((w) => /^--?[a-z][a-z-]*$/.test(w) && !known.includes(w))
    .map((w) => `sgp33 ${name} ${w}`);
}
