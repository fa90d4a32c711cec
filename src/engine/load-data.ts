/** Requirements, interpretations, options and simulated eIMs from their YAML files. */
import { parseCondition, type Condition, type OptionCatalogue } from './applicability.js';
import type { Interpretation, Requirement, SimulatedEim } from './suite.js';
import {
  asList,
  asMap,
  asText,
  find,
  need,
  onlyKeys,
  SuiteError,
  texts,
  type YMap,
  type YNode,
} from './yaml/nodes.js';

function entries(files: readonly YNode[], what: string): YMap[] {
  return files.flatMap((f) => asList(f, `a file of ${what}s`).items.map((i) => asMap(i, `a ${what}`)));
}

function byId<T extends { id: string; place: YNode['place'] }>(all: readonly T[]): Map<string, T> {
  const map = new Map<string, T>();
  for (const one of all) {
    if (map.has(one.id)) throw new SuiteError('duplicate-name', `${one.id} is defined twice`, one.place);
    map.set(one.id, one);
  }
  return map;
}

export function loadRequirements(files: readonly YNode[]): Map<string, Requirement> {
  return byId(
    entries(files, 'requirement').map((m) => {
      onlyKeys(m, ['id', 'clause', 'text', 'versions', 'testable'], 'a requirement');
      const versions = find(m, 'versions');
      return {
        id: asText(need(m, 'id', 'a requirement'), 'id'),
        clause: asText(need(m, 'clause', 'a requirement'), 'clause'),
        text: asText(need(m, 'text', 'a requirement'), 'text').trim(),
        versions: versions === undefined ? ['1.2'] : texts(versions, 'versions'),
        testable: boolean(find(m, 'testable'), true),
        place: m.place,
      };
    }),
  );
}

export function loadInterpretations(files: readonly YNode[]): Map<string, Interpretation> {
  return byId(
    entries(files, 'interpretation').map((m) => {
      const what = 'an interpretation';
      onlyKeys(
        m,
        ['id', 'clause', 'ambiguity', 'reading', 'why', 'alternatives', 'policy', 'settledBySGP33'],
        what,
      );
      const policy = asText(need(m, 'policy', what), 'policy');
      if (policy !== 'strict' && policy !== 'lenient' && policy !== 'either')
        throw new SuiteError('yaml-shape', `'${policy}' is no policy`, m.place, {
          expected: 'strict, lenient or either',
        });
      const alternatives = find(m, 'alternatives');
      return {
        id: asText(need(m, 'id', what), 'id'),
        clause: asText(need(m, 'clause', what), 'clause'),
        ambiguity: asText(need(m, 'ambiguity', what), 'ambiguity').trim(),
        reading: asText(need(m, 'reading', what), 'reading').trim(),
        alternatives: alternatives === undefined ? [] : texts(alternatives, 'alternatives'),
        policy,
        settledBySGP33: asText(need(m, 'settledBySGP33', what), 'settledBySGP33'),
        place: m.place,
      };
    }),
  );
}

/** `options:` name to meaning, `conditions:` name to expression; a condition may use those written before it. */
export function loadCatalogue(files: readonly YNode[]): OptionCatalogue {
  const options = new Map<string, string>();
  const written: { name: string; node: YNode }[] = [];
  for (const file of files) {
    const m = asMap(file, 'a file of options');
    onlyKeys(m, ['options', 'conditions'], 'a file of options');
    const o = find(m, 'options');
    if (o !== undefined)
      for (const e of asMap(o, 'options').entries) {
        if (options.has(e.key))
          throw new SuiteError('duplicate-name', `option ${e.key} is defined twice`, e.keyPlace);
        options.set(e.key, asText(e.value, e.key));
      }
    const c = find(m, 'conditions');
    if (c !== undefined)
      for (const e of asMap(c, 'conditions').entries) written.push({ name: e.key, node: e.value });
  }
  const conditions = new Map<string, Condition>();
  const catalogue: OptionCatalogue = { options, conditions };
  for (const { name, node } of written) {
    if (conditions.has(name) || options.has(name))
      throw new SuiteError('duplicate-name', `condition ${name} is defined twice`, node.place);
    conditions.set(name, parseCondition(asText(node, name), node.place, catalogue));
  }
  return catalogue;
}

export function loadEims(files: readonly YNode[]): Map<string, SimulatedEim> {
  const eims = new Map<string, SimulatedEim>();
  for (const m of entries(files, 'simulated eIM')) {
    onlyKeys(m, ['eimId', 'key', 'certificate'], 'a simulated eIM');
    const certificate = find(m, 'certificate');
    const eimId = asText(need(m, 'eimId', 'a simulated eIM'), 'eimId');
    if (eims.has(eimId)) throw new SuiteError('duplicate-name', `eIM ${eimId} is defined twice`, m.place);
    eims.set(eimId, {
      eimId,
      key: asText(need(m, 'key', 'a simulated eIM'), 'key'),
      certificate: certificate === undefined ? undefined : asText(certificate, 'certificate'),
    });
  }
  return eims;
}

function boolean(n: YNode | undefined, otherwise: boolean): boolean {
  if (n === undefined) return otherwise;
  const text = asText(n, 'a flag');
  if (text !== 'true' && text !== 'false')
    throw new SuiteError('yaml-shape', `'${text}' is neither true nor false`, n.place);
  return text === 'true';
}
