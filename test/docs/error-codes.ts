/** Every code with which the sources make an error of this project, read from their syntax trees. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../src/protocol/package-root.js';

const FOLDERS = ['src', 'drivers', 'reports'];

export interface FoundCodes {
  /** Code to the first place that makes it, `src/engine/plan.ts:41`. */
  readonly codes: ReadonlyMap<string, string>;
  /** Places whose code the search can not tell. */
  readonly unknown: readonly string[];
}

export function errorCodesInSource(root = packageRoot()): FoundCodes {
  const files = FOLDERS.flatMap((folder) => sources(join(root, folder))).map((file) =>
    ts.createSourceFile(relative(root, file), readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true),
  );
  return codesOf(files);
}

/** @param files parsed with parent links. */
export function codesOf(files: readonly ts.SourceFile[]): FoundCodes {
  const classes = errorClasses(files);
  const codes = new Map<string, string>();
  const unknown: string[] = [];
  const add = (found: readonly string[], node: ts.Node): void => {
    for (const code of found) if (!codes.has(code)) codes.set(code, placeOf(node));
  };
  for (const file of files)
    visit(file, (node) => {
      if (ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('ErrorCode'))
        add(literalsOf(node.type), node);
      if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return;
      const own = classes.get(node.expression.text);
      if (own === undefined) return;
      const found = own.code === undefined ? codesOfArgument(node.arguments?.[0], files) : [own.code];
      if (found === undefined) unknown.push(placeOf(node));
      else add(found, node);
    });
  return { codes, unknown };
}

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => visit(child, look));
}

const placeOf = (node: ts.Node): string => {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
};

/** Sgp33Error and what extends it; `code` where the class itself names it. */
function errorClasses(files: readonly ts.SourceFile[]): Map<string, { readonly code?: string }> {
  const extending = new Map<string, ts.ClassDeclaration[]>();
  for (const file of files)
    visit(file, (node) => {
      if (!ts.isClassDeclaration(node)) return;
      const base = node.heritageClauses?.find((c) => c.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]
        ?.expression;
      if (base !== undefined && ts.isIdentifier(base))
        extending.set(base.text, [...(extending.get(base.text) ?? []), node]);
    });
  const found = new Map<string, { readonly code?: string }>([['Sgp33Error', {}]]);
  for (const base of found.keys())
    for (const one of extending.get(base) ?? []) {
      const code = codeOfSuper(one);
      if (one.name !== undefined) found.set(one.name.text, code === undefined ? {} : { code });
    }
  return found;
}

function codeOfSuper(declaration: ts.ClassDeclaration): string | undefined {
  let code: string | undefined;
  visit(declaration, (node) => {
    if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return;
    const first = node.arguments[0];
    if (first !== undefined && ts.isStringLiteral(first)) code = first.text;
  });
  return code;
}

/** Undefined when the expression may be any text. */
function codesOfArgument(
  node: ts.Expression | undefined,
  files: readonly ts.SourceFile[],
): string[] | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteral(node)) return [node.text];
  // The code of another error, which is counted where that one is made.
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'code') return [];
  if (ts.isBinaryExpression(node)) return both(node.left, node.right, files);
  if (ts.isConditionalExpression(node)) return both(node.whenTrue, node.whenFalse, files);
  if (ts.isIdentifier(node)) return argumentsFor(node, files);
  if (!ts.isTemplateExpression(node)) return undefined;
  const [span, ...more] = node.templateSpans;
  if (span === undefined || more.length > 0) return undefined;
  return codesOfArgument(span.expression, files)?.map((c) => node.head.text + c + span.literal.text);
}

function both(a: ts.Expression, b: ts.Expression, files: readonly ts.SourceFile[]): string[] | undefined {
  const [left, right] = [codesOfArgument(a, files), codesOfArgument(b, files)];
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

/** What the callers give for a parameter; those in other files count when the function is exported. */
function argumentsFor(name: ts.Identifier, files: readonly ts.SourceFile[]): string[] | undefined {
  let owner: ts.Node = name;
  while (!ts.isSourceFile(owner)) {
    owner = owner.parent;
    if (!ts.isFunctionDeclaration(owner) && !ts.isArrowFunction(owner)) continue;
    const index = owner.parameters.findIndex((p) => ts.isIdentifier(p.name) && p.name.text === name.text);
    const named =
      ts.isArrowFunction(owner) && ts.isVariableDeclaration(owner.parent) ? owner.parent.name : owner.name;
    if (index < 0 || named === undefined || !ts.isIdentifier(named)) continue;
    const callers = isExported(owner) ? files : [name.getSourceFile()];
    const given = callers
      .flatMap((file) => callsOf(named.text, file))
      .map((call) => codesOfArgument(call.arguments[index], files));
    const known = given.flatMap((g) => g ?? []);
    return given.length > 0 && given.every((g) => g !== undefined) ? known : undefined;
  }
  return undefined;
}

const isExported = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) &&
  node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) === true;

function callsOf(name: string, file: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  visit(file, (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name)
      calls.push(node);
  });
  return calls;
}

const literalsOf = (type: ts.TypeNode): string[] => {
  const literals: string[] = [];
  visit(type, (node) => {
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) literals.push(node.literal.text);
  });
  return literals;
};
