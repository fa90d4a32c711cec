/** The decoded tree as text, for traces and reports. */
import type { Asn1Node } from './node.js';
import { bitNames, bytesToHex, integerFromBytes } from './primitive.js';
import { integerText } from './text.js';
import { tagName } from './tlv.js';

/** One line an element: tag, name, type or value, offset. For traces and reports; bounded by `maxLines`. */
export function renderTree(node: Asn1Node, maxLines = 2000): string {
  const lines: string[] = [];
  const walk = (n: Asn1Node, depth: number): void => {
    if (lines.length >= maxLines) return;
    const { virtual } = n;
    const indent = '  '.repeat(depth);
    const name = n.index >= 0 ? `[${n.index}]` : n.name;
    if (!virtual || n.index >= 0) {
      const tag = virtual ? '' : `${tagName(n.tag)} `;
      lines.push(
        `${indent}${tag}${name}${n.children === undefined ? ` = ${leafText(n)}` : ''}  @0x${n.start.toString(16)}`,
      );
      depth++;
    }
    for (const child of n.children ?? []) walk(child, depth);
  };
  walk(node, 0);
  if (lines.length >= maxLines) lines.push('... cut here');
  return lines.join('\n');
}

function leafText(node: Asn1Node): string {
  const { type, content } = node;
  const hex =
    bytesToHex(content.subarray(0, 512)) + (content.length > 512 ? `... (${content.length} bytes)` : '');
  if (type === undefined) return hex;
  switch (type.kind) {
    case 'utf8':
      return JSON.stringify(new TextDecoder().decode(content.subarray(0, 512)));
    case 'integer':
      if (content.length === 0 || content.length > 8) return hex;
      return integerText(type, integerFromBytes(content).value);
    case 'bits': {
      const unusedBits = (content[0] ?? 0) & 7;
      const names = bitNames({ bytes: content.subarray(1, 65), unusedBits }, type.named);
      return `{${names.join(', ')}} ${hex}`;
    }
    case 'null':
      return 'NULL';
    default:
      return hex;
  }
}
