/**
 * Checks that imports point one way and that files stay short: `node scripts/check-architecture.mjs [ROOT]`.
 * Prints each violation as `file:line: ...` and exits 1 when there is one. A file that has to be longer stands in
 * scripts/long-files.json with its reason; an entry that is no longer needed is a violation, too.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { AREAS, MAX_LINES, SOCKET_MODULES, SOURCE_FOLDERS, WITHOUT_SOCKETS } from './architecture-rules.mjs';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const files = SOURCE_FOLDERS.flatMap((folder) => sourcesIn(join(root, folder)));
const violations = [...files.flatMap(checkImports), ...checkLengths(files)];

for (const violation of violations) console.error(violation);
if (files.length === 0) {
  console.error(`${root}: no source file in ${SOURCE_FOLDERS.join(', ')}`);
  process.exitCode = 1;
} else if (violations.length > 0) {
  console.error(`${violations.length} violations of the architecture (scripts/architecture-rules.mjs)`);
  process.exitCode = 1;
} else {
  console.log(`architecture: ${files.length} files, imports point one way`);
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mts|mjs|cjs|js)$/.test(entry.name))
    .map((entry) => posix(relative(root, join(entry.parentPath ?? entry.path, entry.name))))
    .filter((file) => !file.includes('node_modules/'))
    .sort();
}

function posix(path) {
  return path.split(sep).join('/');
}

function areaOf(file) {
  return AREAS.find((area) => area.files.test(file));
}

function checkImports(file) {
  const area = areaOf(file);
  // Tests, benchmarks and scripts may use everything.
  if (area === undefined) return [];
  return importsOf(file).flatMap(({ specifier, line, typeOnly }) => {
    const fault = specifier.startsWith('.')
      ? faultOfLocal(file, area, specifier, typeOnly)
      : faultOfPackage(area, specifier);
    return fault === undefined ? [] : [`${file}:${line}: ${fault}`];
  });
}

function faultOfLocal(file, area, specifier, typeOnly) {
  const target = posix(relative(root, join(root, dirname(file), specifier))).replace(/\.js$/, '.ts');
  const to = areaOf(target);
  if (to === undefined) return target.endsWith('.json') ? undefined : `the product imports ${target}`;
  if (to === area || area.may.includes(to.name)) return undefined;
  if (area.mayTypes?.includes(to.name)) {
    return typeOnly ? undefined : `${area.name} may import only types from ${to.name} (${target})`;
  }
  const allowed = [...area.may, ...(area.mayTypes ?? [])].join(', ') || 'nothing else of ours';
  return `${area.name} must not import ${to.name} (${target}); it may import ${allowed}`;
}

function faultOfPackage(area, specifier) {
  const name = specifier.replace(/^node:/, '');
  if (!WITHOUT_SOCKETS.includes(area.name) || !SOCKET_MODULES.includes(name)) return undefined;
  return `${area.name} must not reach outside by itself (${specifier}): that is for drivers and simulators`;
}

/** Every static import, re-export, `import()` and `import('...')` type of a file. */
function importsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, typeOnly) => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    found.push({ specifier: node.text, line, typeOnly });
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function onlyTypes(clause) {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function checkLengths(sources) {
  const path = join(root, 'scripts', 'long-files.json');
  const reasons = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const long = new Map(sources.map((file) => [file, linesOf(file)]).filter(([, lines]) => lines > MAX_LINES));
  const unlisted = [...long].filter(([file]) => !reasons[file]);
  const stale = Object.keys(reasons).filter((file) => !long.has(file));
  return [
    ...unlisted.map(([file, lines]) => `${file}:${MAX_LINES}: ${lines} lines; split it by concern`),
    ...stale.map(
      (file) => `scripts/long-files.json:1: ${file} is not over ${MAX_LINES} lines; remove the entry`,
    ),
  ];
}

function linesOf(file) {
  return readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length;
}
