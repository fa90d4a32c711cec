/** The place in an answer at which a procedure's `expect` is matched. */
import type { Actual } from './match.js';
import { SuiteError } from './yaml/nodes.js';

/** Walks a value by a path of field names and list indices. */
export function focusOn(root: Actual, path: string | undefined): Actual {
  let at = root;
  for (const step of (path ?? '')
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((s) => s !== '')) {
    const index = /^\d+$/.test(step) ? Number(step) : undefined;
    if (index !== undefined && at.type.item !== undefined) {
      at = {
        type: at.type.item.type,
        value: (at.value as unknown[] | undefined)?.[index],
        node: at.node?.children?.[index],
        path: `${at.path}[${step}]`,
      };
      continue;
    }
    const field = at.type.fields?.find((f) => f.name === step);
    if (field === undefined)
      throw new SuiteError('focus', `'${step}' is no field on the way ${path ?? ''}`, {
        file: at.path,
        line: 1,
        column: 1,
      });
    at = {
      type: field.type,
      value: (at.value as Record<string, unknown> | undefined)?.[step],
      node: at.node?.children?.find((c) => c.name === step),
      path: `${at.path}.${step}`,
    };
  }
  return at;
}
