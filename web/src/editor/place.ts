// Where in a plan the cursor is, also while the text around it is not yet a document.
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import { ITEM, type Step } from './schema';

export interface PlaceInText {
  what: 'key' | 'value';
  path: Step[]; // of the mapping for a key, of the value for a value
  from: number; // where the word at the cursor begins
  others: Set<string>; // keys that the mapping has already
}

interface Level { keys: Map<string, string>; under: string[] } // keys with their scalars; the way up to the mapping around it

const DEEPEST = 60; // mappings inside each other
const SEEN_BELOW = 400; // lines of a mapping that are looked at below the cursor
const KEY = /^(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*:(?:\s+(.*)|)$/;
const FLOW = /^Flow(Mapping|Sequence)$/;
const nameIn = (found: RegExpExecArray): string => found[1] ?? found[2] ?? found[3]; // quoted or not
const plain = (text: string): string => text.trim().replace(/\s+#.*$/, '').replace(/^(["'])(.*)\1$/, '$2');

export function placeAt(state: EditorState, at: number): PlaceInText | null {
  const inside = inFlow(state, at);
  if (inside) return inside;
  const line = state.doc.lineAt(at);
  const before = line.text.slice(0, at - line.from);
  if (/(^|\s)#/.test(before.replace(/"[^"]*"|'[^']*'/g, ''))) return null;
  const [, lead, rest] = /^(\s*(?:- +)*)(.*)$/s.exec(before) as unknown as [string, string, string];
  const column = lead.length;
  const written = /^(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*:\s+(.*)$/s.exec(rest) ?? (/^([\w.-]+)\s*:$/.test(rest) ? null : undefined);
  if (written === null) return null;
  const levels = levelsAbove(state, line.number, column);
  const path = pathOf(levels);
  const others = new Set(levels[0]?.keys.keys());
  if (written) {
    const key = nameIn(written);
    const type = levels[0]?.keys.get('action_type') ?? '';
    return { what: 'value', path: [...path, { key, type }], from: at - written[4].length, others };
  }
  if (!/^[\w.-]*$/.test(rest)) return null;
  others.delete(rest);
  // Behind a dash there may be the value of an item as well.
  return { what: 'key', path, from: at - rest.length, others };
}

// The mappings around a column of a line, from the inside outwards.
function levelsAbove(state: EditorState, number: number, column: number): Level[] {
  const levels: Level[] = [];
  let [row, edge] = [number, column];
  while (levels.length < DEEPEST) {
    const keys = new Map<string, string>();
    const text = (at: number): string => state.doc.line(at).text;
    take(text(row), edge, keys);
    // Upwards to where the mapping begins: behind a dash, or below a key that stands further left.
    let first = row;
    let dash = dashBefore(text(row), edge);
    for (let at = row - 1; dash < 0 && at >= 1; at -= 1) {
      if (isBlank(text(at))) continue;
      const lead = leadOf(text(at)).length;
      if (lead < edge) break;
      if (lead > edge) continue;
      take(text(at), edge, keys);
      first = at;
      dash = dashBefore(text(at), edge);
    }
    // Downwards to its end.
    for (let at = row + 1; at <= Math.min(state.doc.lines, row + SEEN_BELOW); at += 1) {
      if (isBlank(text(at))) continue;
      if (/^\s*/.exec(text(at))![0].length < edge) break;
      take(text(at), edge, keys);
    }
    const level: Level = { keys, under: dash >= 0 ? [ITEM] : [] };
    levels.push(level);
    const outer = dash >= 0 ? dash : edge - 1; // where the key around it may stand at most
    let around = first - 1;
    while (around >= 1 && (isBlank(text(around)) || leadOf(text(around)).length > outer)) around -= 1;
    if (around < 1 || outer < 0) return levels;
    const lead = leadOf(text(around));
    const key = KEY.exec(text(around).slice(lead.length));
    if (!key) return levels;
    level.under.unshift(nameIn(key));
    [row, edge] = [around, lead.length];
  }
  return levels;
}

const leadOf = (text: string): string => /^\s*(?:- +)*/.exec(text)![0];
const isBlank = (text: string): boolean => !text.trim() || text.trim().startsWith('#');
const dashBefore = (text: string, edge: number): number => leadOf(text).slice(0, edge).lastIndexOf('-');

function take(text: string, edge: number, keys: Map<string, string>): void {
  if (leadOf(text).length !== edge) return;
  const key = KEY.exec(text.slice(edge));
  if (key && !keys.has(nameIn(key))) keys.set(nameIn(key), plain(key[4] ?? ''));
}

function pathOf(levels: Level[]): Step[] {
  return levels.slice().reverse().flatMap((level, index, all) => {
    const around = all[index - 1]?.keys.get('action_type') ?? '';
    return level.under.map((key) => ({ key, type: around }));
  });
}

function inFlow(state: EditorState, at: number): PlaceInText | null {
  let node: SyntaxNode | null = syntaxTree(state).resolveInner(at, -1);
  if (node.name === 'Comment') return null;
  // Behind the closing bracket one is not inside any more.
  const behind = ({ from, to }: SyntaxNode): boolean => to <= at && /[}\]]$/.test(state.sliceDoc(from, to));
  while (node && (!FLOW.test(node.name) || behind(node))) node = node.parent;
  if (!node) return null;
  const path = pathTo(state, node);
  if (node.name === 'FlowSequence') {
    const word = /[^\s,[\]{}]*$/.exec(state.sliceDoc(node.from, at))![0];
    return { what: 'value', path: [...path, { key: ITEM, type: '' }], from: at - word.length, others: new Set() };
  }
  const keys = keysOf(state, node);
  const text = state.sliceDoc(node.from + 1, at);
  const own = text.slice(lastSeparator(text) + 1);
  const value = /^\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*:\s*(.*)$/s.exec(own);
  if (value) {
    const key = nameIn(value);
    return { what: 'value', path: [...path, { key, type: keys.get('action_type') ?? '' }], from: at - value[4].length, others: new Set() };
  }
  const word = own.trimStart();
  if (!/^["\w.-]*$/.test(word)) return null;
  const others = new Set(keys.keys());
  others.delete(word);
  return { what: 'key', path, from: at - word.length, others };
}

// The last comma that belongs to this mapping and not to one inside.
function lastSeparator(text: string): number {
  let [depth, quote, last] = [0, '', -1];
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (quote) { if (letter === quote) quote = ''; continue; }
    if ((letter === '"' || letter === "'") && /[\s,:[{]/.test(text[index - 1] ?? ' ')) quote = letter;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (letter === ',' && depth === 0) last = index;
  }
  return last;
}

function keysOf(state: EditorState, mapping: SyntaxNode): Map<string, string> {
  const keys = new Map<string, string>();
  for (let pair = mapping.firstChild; pair; pair = pair.nextSibling) {
    if (pair.name !== 'Pair') continue;
    const [key, value] = [pair.firstChild, pair.lastChild];
    if (key) keys.set(plain(state.sliceDoc(key.from, key.to)), value && value.from !== key.from && /Literal/.test(value.name) ? plain(state.sliceDoc(value.from, value.to)) : '');
  }
  return keys;
}

// The way from the document to a node, by the syntax tree.
function pathTo(state: EditorState, node: SyntaxNode): Step[] {
  const path: Step[] = [];
  for (let at: SyntaxNode | null = node, up = node.parent; up; at = up, up = up.parent) {
    if (up.name === 'FlowSequence' || up.name === 'BlockSequence') { path.unshift({ key: ITEM, type: '' }); }
    else if (up.name === 'Pair' && up.firstChild && at.from !== up.firstChild.from) {
      const type = up.parent && /Mapping$/.test(up.parent.name) ? keysOf(state, up.parent).get('action_type') ?? '' : '';
      path.unshift({ key: plain(state.sliceDoc(up.firstChild.from, up.firstChild.to)), type });
    }
  }
  return path;
}

// The place of the key or value that a word of the text is, for the hint about it.
export function pathAround(state: EditorState, at: number): { path: Step[]; from: number; to: number; value: string } | null {
  const node = syntaxTree(state).resolveInner(at, 1);
  let named: SyntaxNode | null = node;
  while (named && !/^(Key|Literal|QuotedLiteral)$/.test(named.name)) named = named.parent;
  if (!named) return null;
  const pair = named.name === 'Key' ? named.parent : named.parent?.name === 'Key' ? named.parent.parent : null;
  const [first, last] = [pair?.firstChild, pair?.lastChild];
  const value = first && last && last.from !== first.from ? last : null;
  const path = pathTo(state, value ?? pair ?? named);
  if (first && !value) path.push({ key: plain(state.sliceDoc(first.from, first.to)), type: pair?.parent ? keysOf(state, pair.parent).get('action_type') ?? '' : '' });
  return { path, from: named.from, to: named.to, value: pair ? '' : plain(state.sliceDoc(named.from, named.to)) };
}
