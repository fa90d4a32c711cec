/**
 * Text that foreign bytes may have shaped, made safe for each place where a report shows it. Everything
 * that a card or peer sent may carry markup, control characters or more bytes than a page can hold.
 */

const CONTROL = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]', 'g');
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const NONCHARACTER = /[\ufffe\uffff]/g;

const escaped = (c: string): string => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;

/** Control, bidirectional and broken characters made visible (`\x00`); line ends and tabs stay. */
export const visible = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL, escaped)
    .replace(DIRECTION, escaped)
    .replace(LONE_SURROGATE, escaped)
    .replace(NONCHARACTER, escaped);

/** As {@link visible}, on one line. */
export const oneLine = (text: string): string => visible(text).replace(/\s*\n\s*/g, ' ');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML and XML text and attribute values. */
export const escapeMarkup = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

/** For a Markdown table cell: one line in which nothing is markup, so that no image or link arises. */
export const escapeMarkdown = (text: string): string =>
  oneLine(text).replace(/[\\`*_{}[\]<>()#+!|&~$]/g, (c) => `\\${c}`);

/** At most `limit` characters; what was left out is counted. */
export const clip = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit)} ... (${text.length - limit} more characters)`;
