// Changes of a plan's text: only what changes is written anew, so that comments and layout stay as they are.
import { isMap, isScalar, isSeq, stringify, type Pair, type YAMLMap } from 'yaml';
import { isJson, partsOf, outlineOf, parsed, SINGLES, type Outline, type OutlinedAction } from './outline';

export interface Edited { text: string; pointer: string } // and which action the cursor belongs to
type Path = (string | number)[];
export interface NewAction { id: string; action_type: string; actions?: [] }

// Fields stand in this order where one is added.
const ORDER = ['id', 'action_type', 'description', 'depends_on', 'condition', 'when_skipped', 'while', 'on_guard_failed', 'if', 'by', 'items', 'mode', 'until', 'signal', 'duration', 'parameters'];
const AT_THE_END = ['actions', 'then', 'else', 'cases', 'default', 'catch', 'finally', 'plan', 'fallback_action', 'recovery_plan', 'compensation', 'compensation_of_partial'];
const rank = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length + Number(AT_THE_END.includes(key)));

export class CannotEditError extends Error {}

// ---------------------------------------------------------------- fields

// Sets a field of an action, or of the plan (without one); undefined takes it away.
export function withField(text: string, action: { from: number; to: number } | null, path: Path, value: unknown): string {
  const [from, to] = action ? [action.from, action.to] : [0, text.length];
  const column = action ? from - lineStart(text, from) : 0;
  const source = ' '.repeat(column) + text.slice(from, to);
  const document = parsed(source);
  if (!isMap(document.contents)) throw new CannotEditError('the text is no plan yet: mend it there first');
  const wanted = document.clone();
  if (value === undefined) wanted.deleteIn(path); else wanted.setIn(path, value);
  let made = put(source, document.contents as YAMLMap, path, value, isJson(text));
  const again = parsed(made);
  if (again.errors.length || !alike(pruned(again.toJS(), path), pruned(wanted.toJS(), path))) {
    // Written as a whole: its comments stay, its layout does not.
    made = wanted.toString({ lineWidth: 0 }).trimEnd().split('\n').map((line, index) => (line && (index || column) ? ' '.repeat(column) + line : line)).join('\n');
  }
  return text.slice(0, from) + made.slice(column) + text.slice(to);
}

// A mapping that has become empty may have gone with its last field.
function pruned(value: unknown, path: Path): unknown {
  const [first] = path;
  const inside = (value as Record<string, unknown> | null)?.[first];
  if (path.length > 1 && inside && typeof inside === 'object' && !Object.keys(inside).length) return { ...(value as object), [first]: undefined };
  return value;
}

function alike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other || Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => alike((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]));
}

function put(source: string, map: YAMLMap, [key, ...rest]: Path, value: unknown, json: boolean): string {
  const index = map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const pair = map.items[index];
  if (!pair) return value === undefined ? source : inserted(source, map, String(key), nest(rest, value), json);
  if (rest.length && isMap(pair.value)) {
    const inside = pair.value as YAMLMap;
    if (value === undefined && rest.length === 1 && inside.items.length === 1 && inside.has(rest[0])) return removed(source, map, index);
    return put(source, inside, rest, value, json);
  }
  if (rest.length && isSeq(pair.value) && typeof rest[0] === 'number') {
    const item = pair.value.items[rest[0]];
    if (isMap(item)) return put(source, item as YAMLMap, rest.slice(1), value, json);
  }
  if (value === undefined) return rest.length ? source : removed(source, map, index);
  const colon = colonOf(source, pair);
  return `${source.slice(0, colon + 1)} ${inline(nest(rest, value), json)}${source.slice(endOf(source, pair))}`;
}

const nest = (path: Path, value: unknown): unknown => path.reduceRight<unknown>((inside, key) => ({ [key]: inside }), value);

export function inline(value: unknown, json: boolean): string {
  if (json) return JSON.stringify(value);
  return stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim().slice(1, -1);
}

function inserted(source: string, map: YAMLMap, key: string, value: unknown, json: boolean): string {
  const entry = `${json ? JSON.stringify(key) : key}: ${inline(value, json)}`;
  const [, end] = map.range!;
  if (map.flow) {
    let at = end - 1;
    while (/\s/.test(source[at - 1])) at -= 1;
    return `${source.slice(0, at)}${map.items.length ? source[at - 1] === ',' ? ' ' : ', ' : ''}${entry}${source.slice(at)}`;
  }
  let before = map.items.length - 1;
  while (before > 0 && rank(nameOf(map.items[before])) > rank(key)) before -= 1;
  const at = lineEnd(source, endOf(source, map.items[before]));
  const first = startOf(map.items[0]);
  return `${source.slice(0, at)}\n${' '.repeat(first - lineStart(source, first))}${entry}${source.slice(at)}`;
}

function removed(source: string, map: YAMLMap, index: number): string {
  const [pair, next, before] = [map.items[index], map.items[index + 1], map.items[index - 1]];
  const start = startOf(pair);
  if (next && (map.flow || source.slice(lineStart(source, start), start).trim())) return source.slice(0, start) + source.slice(startOf(next));
  if (map.flow) return source.slice(0, before ? endOf(source, before) : start) + source.slice(endOf(source, pair));
  if (index === 0 && next) return source.slice(0, start) + source.slice(startOf(next));
  if (!before) return source.slice(0, start) + '{}' + source.slice(endOf(source, pair));
  return source.slice(0, lineEnd(source, endOf(source, before))) + source.slice(lineEnd(source, endOf(source, pair)));
}

const nameOf = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : '');
const startOf = (pair: Pair): number => (pair.key as { range: [number, number, number] }).range[0];
const colonOf = (source: string, pair: Pair): number => source.indexOf(':', (pair.key as { range: [number, number, number] }).range[1]);

function endOf(source: string, pair: Pair): number {
  const range = (pair.value as { range?: [number, number, number] } | null)?.range;
  let end = Math.max(range?.[1] ?? 0, colonOf(source, pair) + 1);
  while (end > 0 && /\s/.test(source[end - 1])) end -= 1;
  return end;
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;
function lineEnd(text: string, at: number): number { const end = text.indexOf('\n', at); return end < 0 ? text.length : end; }

// ---------------------------------------------------------------- actions in their lists

interface Item { start: number; body: number; end: number; column: number } // with the comments above it; body is behind blank lines

export function siblings(outline: Outline, action: { holder: string; block: string }): OutlinedAction[] {
  return outline.actions.filter((one) => one.holder === action.holder && one.block === action.block);
}

const isSingle = (action: OutlinedAction): boolean => !/\/\d+$/.test(action.pointer);
const isFlow = (text: string, action: OutlinedAction): boolean => !/^\s*- +$/.test(text.slice(lineStart(text, action.from), action.from));
const trimmed = (text: string, action: OutlinedAction): number => { let end = action.to; while (/\s/.test(text[end - 1])) end -= 1; return end; };

function item(text: string, list: OutlinedAction[], index: number): Item {
  const action = list[index];
  const first = lineStart(text, action.from);
  const column = text.slice(first, action.from).indexOf('-');
  let start = index ? lineEnd(text, trimmed(text, list[index - 1])) + 1 : first;
  // Comments above the first one belong to it if they stand where it does.
  if (!index) while (start > 0) {
    const above = lineStart(text, start - 1);
    const line = text.slice(above, start - 1);
    if (!line.trim().startsWith('#') || line.search(/\S/) < column) break;
    start = above;
  }
  let body = start;
  while (/^[ \t]*\n/.test(text.slice(body, lineEnd(text, body) + 1))) body = lineEnd(text, body) + 1;
  return { start, body, end: lineEnd(text, trimmed(text, action)), column };
}

// Its lines as if the dash stood in the first column.
function bodyOf(text: string, list: OutlinedAction[], index: number): string {
  const action = list[index];
  if (isFlow(text, action)) return `- ${text.slice(action.from, action.to)}`;
  const { body, end, column } = item(text, list, index);
  return text.slice(body, end).split('\n').map((line) => (line.slice(0, column).trim() ? line.trimStart() : line.slice(column))).join('\n');
}

const indented = (body: string, column: number): string => body.split('\n').map((line) => (line.trim() ? ' '.repeat(column) + line : '')).join('\n');

// The text of an item in brackets.
function inBrackets(body: string, json: boolean): string {
  const [value] = parsed(body).toJS() as unknown[];
  return /^- \{[^#]*\}$/s.test(body) ? body.slice(2) : inline(value, json);
}

function without(text: string, list: OutlinedAction[], index: number): string {
  const action = list[index];
  if (isFlow(text, action)) {
    const [next, before] = [list[index + 1], list[index - 1]];
    return text.slice(0, next || !before ? action.from : before.to) + text.slice(next ? next.from : action.to);
  }
  const { start, end } = item(text, list, index);
  return text.slice(0, start) + text.slice(Math.min(end + 1, text.length));
}

// Puts an item behind another one of a list.
function behind(text: string, list: OutlinedAction[], index: number, body: string): string {
  const action = list[index];
  if (isFlow(text, action)) return `${text.slice(0, action.to)}, ${inBrackets(body, isJson(text))}${text.slice(action.to)}`;
  const { end, column } = item(text, list, index);
  const airy = list.length > 1 && list.slice(1).every((_, at) => { const one = item(text, list, at + 1); return one.body > one.start; });
  return `${text.slice(0, end)}\n${airy ? '\n' : ''}${indented(body, column)}${text.slice(end)}`;
}

// Puts an item into a list that may not be there yet.
function into(text: string, outline: Outline, holder: OutlinedAction | null, block: string, body: string): string {
  const list = siblings(outline, { holder: holder?.pointer ?? '', block });
  if (list.length) return behind(text, list, list.length - 1, body);
  const single = SINGLES.has(block);
  const [value] = parsed(body).toJS() as unknown[];
  const written = withField(text, holder, partsOf(block), single ? value : [value]);
  if (isJson(text) || (holder && isFlowMap(text, holder))) return written;
  // In lines instead of brackets, where the holder is in lines itself.
  const place = outlineOf(written).actions.find((one) => one.holder === (holder?.pointer ?? '') && one.block === block);
  if (!place) return written;
  const key = lineStart(written, place.from);
  const column = written.slice(key).search(/[^\s-]/);
  const head = written.slice(key, written.indexOf(':', key) + 1);
  const lines = single ? indented(body.replace(/^- /, '  '), column) : indented(body, column + 2);
  return `${written.slice(0, key)}${head}\n${lines}${written.slice(lineEnd(written, place.to))}`;
}

const isFlowMap = (text: string, action: OutlinedAction): boolean => text[action.from] === '{';

// The action in lines, as a person would write it.
function bodyFor(action: NewAction): string {
  return `- id: ${inline(action.id, false)}\n  action_type: ${inline(action.action_type, false)}${action.actions ? '\n  actions: []' : ''}`;
}

// Sets depends_on of some actions, from the last to the first, so that places in the text stay what they are.
function withNames(text: string, changes: Map<OutlinedAction, string[] | undefined>): string {
  return [...changes].sort(([a], [b]) => b.from - a.from).reduce((made, [action, names]) => withField(made, action, ['depends_on'], names), text);
}

// The siblings that depend on an action depend on another one, or on none, from now on.
function instead(list: OutlinedAction[], gone: OutlinedAction, other: string): Map<OutlinedAction, string[] | undefined> {
  const changes = new Map<OutlinedAction, string[] | undefined>();
  for (const one of list) {
    if (one === gone || !gone.id || !one.named?.includes(gone.id)) continue;
    const names = [...new Set(one.named.map((name) => (name === gone.id ? other : name)))].filter((name) => name && name !== one.id);
    changes.set(one, names);
  }
  return changes;
}

export function freeId(outline: Outline, type: string): string {
  const taken = new Set(outline.actions.map(({ id }) => id));
  let name = type;
  for (let number = 2; taken.has(name); number += 1) name = `${type}_${number}`;
  return name;
}

const find = (outline: Outline, pointer: string): OutlinedAction => {
  const found = outline.actions.find((one) => one.pointer === pointer);
  if (!found) throw new CannotEditError('the action is not there any more');
  return found;
};

// Adds an action behind another one, or into a list of it; without one at the end of the plan.
export function added(text: string, outline: Outline, action: OutlinedAction | null, block: string, made: NewAction): Edited {
  const body = bodyFor(made);
  let written: string;
  let pointer: string;
  if (action && !block) {
    if (isSingle(action)) throw new CannotEditError('only one action can stand here');
    const list = siblings(outline, action);
    const index = list.indexOf(action);
    written = behind(text, list, index, body);
    pointer = `${action.holder}/${action.block}/${index + 1}`;
  } else {
    const [holder, field] = [action?.pointer ?? '', block || 'actions'];
    if (SINGLES.has(field) && siblings(outline, { holder, block: field }).length) throw new CannotEditError('there is one already');
    written = into(text, outline, action, field, body);
    pointer = SINGLES.has(field) ? `${holder}/${field}` : `${holder}/${field}/${siblings(outline, { holder, block: field }).length}`;
  }
  return { text: written, pointer };
}

export function deleted(text: string, outline: Outline, action: OutlinedAction): Edited {
  const holder = action.holder ? find(outline, action.holder) : null;
  const list = siblings(outline, action);
  if (isSingle(action)) return { text: withField(text, holder, [action.block], undefined), pointer: action.holder };
  const index = list.indexOf(action);
  if (list.length === 1) return { text: withField(text, holder, partsOf(action.block), []), pointer: action.holder };
  const changed = withNames(text, instead(list, action, ''));
  const now = outlineOf(changed);
  return { text: without(changed, siblings(now, action), index), pointer: `${action.holder}/${action.block}/${Math.max(0, index - 1)}` };
}

// One place up (-1) or down (1) in its list.
export function shifted(text: string, outline: Outline, action: OutlinedAction, by: -1 | 1): Edited {
  const list = siblings(outline, action);
  const index = list.indexOf(action);
  const low = Math.min(index, index + by);
  if (isSingle(action) || low < 0 || low + 1 >= list.length) throw new CannotEditError(by < 0 ? 'it is the first one already' : 'it is the last one already');
  const pointer = `${action.holder}/${action.block}/${index + by}`;
  const [upper, lower] = [list[low], list[low + 1]];
  if (isFlow(text, upper)) return { text: text.slice(0, upper.from) + text.slice(lower.from, lower.to) + text.slice(upper.to, lower.from) + text.slice(upper.from, upper.to) + text.slice(lower.to), pointer };
  const [one, two] = [item(text, list, low), item(text, list, low + 1)];
  return { text: text.slice(0, one.body) + text.slice(two.body, two.end) + text.slice(one.end, two.body) + text.slice(one.body, one.end) + text.slice(two.end), pointer };
}

// Puts a new block around an action; who waited for it waits for the block.
export function wrapped(text: string, outline: Outline, action: OutlinedAction, kind: string): Edited {
  if (isSingle(action)) throw new CannotEditError('what stands alone is not nested');
  const name = freeId(outline, kind);
  const list = siblings(outline, action);
  const index = list.indexOf(action);
  const changes = instead(list, action, name);
  if (action.named) changes.set(action, undefined);
  const changed = withNames(text, changes);
  const now = siblings(outlineOf(changed), action);
  const field = kind === 'conditional' ? 'then' : 'actions';
  const names = action.named ? `\n  depends_on: ${inline(action.named, false)}` : '';
  const needed = kind === 'conditional' || kind === 'while' ? '\n  if: "true"' : kind === 'foreach' ? '\n  items: []' : '';
  const body = `- id: ${name}\n  action_type: ${kind}${names}${needed}\n  ${field}:\n${indented(bodyOf(changed, now, index), 4)}`;
  return { text: replaced(changed, now, index, body), pointer: action.pointer };
}

function replaced(text: string, list: OutlinedAction[], index: number, body: string): string {
  const action = list[index];
  if (isFlow(text, action)) return text.slice(0, action.from) + inBrackets(body, isJson(text)) + text.slice(action.to);
  const { body: start, end, column } = item(text, list, index);
  return text.slice(0, start) + indented(body, column) + text.slice(end);
}

// Moves an action into a sibling block.
export function nested(text: string, outline: Outline, action: OutlinedAction, block: OutlinedAction, field: string): Edited {
  if (isSingle(action) || action.holder !== block.holder || action.block !== block.block || action === block) throw new CannotEditError('only what stands beside a block is nested into it');
  const list = siblings(outline, action);
  const changes = instead(list.filter((one) => one !== block), action, block.id);
  const inside = siblings(outline, { holder: block.pointer, block: field }).map(({ id }) => id);
  if (action.named) changes.set(action, kept(action.named, inside));
  const taken = (action.named ?? []).filter((name) => name !== block.id && !inside.includes(name));
  if (taken.length || block.named?.includes(action.id)) changes.set(block, [...new Set([...(block.named ?? []).filter((name) => name !== action.id), ...taken])]);
  const changed = withNames(text, changes);
  let now = outlineOf(changed);
  const index = list.indexOf(action);
  const body = bodyOf(changed, siblings(now, action), index);
  // The block first, where its place is known; then the action is removed from its old place.
  const written = into(changed, now, find(now, block.pointer), field, body);
  now = outlineOf(written);
  const last = siblings(now, { holder: block.pointer, block: field }).length - 1;
  const end = without(written, siblings(now, action), index);
  const at = list.indexOf(block);
  const pointer = index < at ? `${block.holder}/${block.block}/${at - 1}` : block.pointer;
  return { text: end, pointer: `${pointer}/${field}/${last}` };
}

const kept = (names: string[], there: string[]): string[] | undefined => { const left = names.filter((name) => there.includes(name)); return left.length ? left : undefined; };

// Moves an action out of its block, behind it.
export function unnested(text: string, outline: Outline, action: OutlinedAction): Edited {
  if (!action.holder || isSingle(action)) throw new CannotEditError('it is in no block');
  const holder = find(outline, action.holder);
  if (isSingle(holder)) throw new CannotEditError('what holds it stands alone');
  const changes = instead(siblings(outline, action), action, '');
  if (action.named) changes.set(action, kept(action.named, siblings(outline, holder).map(({ id }) => id)));
  const changed = withNames(text, changes);
  let now = outlineOf(changed);
  const list = siblings(now, action);
  const index = list.findIndex(({ pointer }) => pointer === action.pointer);
  const body = bodyOf(changed, list, index);
  const beside = siblings(now, holder);
  const at = beside.findIndex(({ pointer }) => pointer === holder.pointer);
  const written = behind(changed, beside, at, body);
  now = outlineOf(written);
  const end = list.length === 1 ? withField(written, find(now, holder.pointer), partsOf(action.block), []) : without(written, siblings(now, action), index);
  return { text: end, pointer: `${holder.holder}/${holder.block}/${at + 1}` };
}

// The second waits for the first, or no longer.
export function connected(text: string, first: OutlinedAction, second: OutlinedAction): Edited {
  if (first.holder !== second.holder || first.block !== second.block || first === second) throw new CannotEditError('only actions beside each other wait for one another');
  if (!first.id) throw new CannotEditError('give it an id first');
  const names = second.named ?? [];
  const wanted = names.includes(first.id) ? names.filter((name) => name !== first.id) : [...names, first.id];
  return { text: withField(text, second, ['depends_on'], wanted), pointer: second.pointer };
}

// Another name, also where others wait for it or look at what came of it.
export function renamed(text: string, outline: Outline, action: OutlinedAction, name: string): Edited {
  const changes = action.id ? instead(siblings(outline, action), action, name) : new Map<OutlinedAction, string[]>();
  const written = [...changes, [action, name] as const].sort(([a], [b]) => b.from - a.from)
    .reduce((made, [one, value]) => withField(made, one, [one === action ? 'id' : 'depends_on'], value), text);
  const alone = action.id && /^\w+$/.test(action.id) && outline.actions.filter(({ id }) => id === action.id).length === 1;
  return { text: alone ? written.replace(new RegExp(`\\bactions\\.${action.id}\\b`, 'g'), `actions.${name}`) : written, pointer: action.pointer };
}

// ---------------------------------------------------------------- to any other place

export interface Place { holder: string; block: string; index: number } // the place in a list before which something goes
interface Step { field: string; index: number }

// Moves an action to another place: out of the blocks around it, into those around the place, then along the list.
export function moved(text: string, action: OutlinedAction, place: Place): Edited {
  const outline = outlineOf(text);
  let [at, to] = [stepsTo(outline, action), stepsTo(outline, { ...place, pointer: `${place.holder}/${place.block}/${place.index}` })];
  if (startsWith(to.slice(0, -1), at)) throw new CannotEditError('a block cannot go into itself');
  let made: Edited = { text, pointer: action.pointer };
  const now = (): [string, Outline, OutlinedAction] => { const read = outlineOf(made.text); return [made.text, read, find(read, made.pointer)]; };
  while (!startsWith(to.slice(0, -1), at.slice(0, -1)) || to[at.length - 1].field !== at.at(-1)!.field) {
    made = unnested(...now());
    const out = at.slice(0, -1);
    to = shiftedBy(shiftedBy(to, at, -1), [...out.slice(0, -1), { ...out.at(-1)!, index: out.at(-1)!.index + 1 }], 1);
    at = [...out.slice(0, -1), { ...out.at(-1)!, index: out.at(-1)!.index + 1 }];
  }
  while (at.length < to.length) {
    const [changed, read, moving] = now();
    const block = pointerOf(to.slice(0, at.length));
    made = nested(changed, read, moving, find(read, block), to[at.length].field);
    to = shiftedBy(to, at, -1);
    at = stepsTo(outlineOf(made.text), find(outlineOf(made.text), made.pointer));
  }
  // What goes behind it moves one place up when it is taken away.
  const wanted = to.at(-1)!.index > at.at(-1)!.index ? to.at(-1)!.index - 1 : to.at(-1)!.index;
  for (let index = at.at(-1)!.index; index !== wanted; index += Math.sign(wanted - index)) made = shifted(...now(), wanted > index ? 1 : -1);
  return made;
}

function stepsTo(outline: Outline, { holder, block, pointer }: { holder: string; block: string; pointer: string }): Step[] {
  const around = holder ? stepsTo(outline, find(outline, holder)) : [];
  return [...around, { field: block, index: Number(pointer.split('/').at(-1)) }];
}

const pointerOf = (steps: Step[]): string => steps.map(({ field, index }) => `/${field}/${index}`).join('');
const startsWith = (steps: Step[], start: Step[]): boolean => start.every(({ field, index }, at) => steps[at]?.field === field && steps[at].index === index);

// Where steps lead once something was taken away from a place (-1), or put before it (1).
function shiftedBy(steps: Step[], changed: Step[], by: -1 | 1): Step[] {
  const depth = changed.length - 1;
  const beside = steps.length > depth && startsWith(steps, changed.slice(0, depth)) && steps[depth].field === changed[depth].field;
  const later = beside && (by > 0 ? steps[depth].index >= changed[depth].index : steps[depth].index > changed[depth].index);
  return later ? steps.map((step, at) => (at === depth ? { ...step, index: step.index + by } : step)) : steps;
}
