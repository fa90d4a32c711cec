/** A strict little XML reader for the tests: it throws on whatever is not well-formed. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const TOKEN = /<\?xml[^?]*\?>|<\/([A-Za-z]+)>|<([A-Za-z]+)((?: [A-Za-z]+="[^"<]*")*)(\/?)>|([^<]+)/y;
const FORBIDDEN = new RegExp(
  '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
);

function plain(text: string): string {
  return text.replace(/&([^;]*);|&/g, (whole, name: string | undefined) => {
    const value = ENTITIES[name ?? ''];
    if (value === undefined) throw new Error(`no such entity: ${whole}`);
    return value;
  });
}

export function parseXml(xml: string): Element {
  if (FORBIDDEN.test(xml)) throw new Error('a character that XML forbids');
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const open: Element[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(xml);
    if (token === null) throw new Error(`not well-formed: ${xml.slice(at, at + 80)}`);
    const [, end, start, attributes = '', selfClosing, text] = token;
    const current = open.at(-1) ?? top;
    if (text !== undefined) current.text += plain(text);
    if (start !== undefined) {
      const pairs = [...attributes.matchAll(/ ([A-Za-z]+)="([^"]*)"/g)];
      const element: Element = {
        name: start,
        attributes: Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, plain(value)])),
        children: [],
        text: '',
      };
      current.children.push(element);
      if (selfClosing === '') open.push(element);
    }
    if (end !== undefined && open.pop()?.name !== end) throw new Error(`</${end}> closes nothing`);
  }
  const [root] = top.children;
  if (open.length !== 1 || root === undefined || top.children.length !== 1) throw new Error('not one root');
  return root;
}
