// The actions of a plan's text, with where they stand: what the graph, the forms and the edits go by.
import { isMap, isScalar, isSeq, parseDocument, type Document, type YAMLMap, type YAMLSeq } from 'yaml';

export interface OutlinedAction {
  pointer: string; // where in the document: /actions/0/then/1
  id: string; type: string; description: string;
  from: number; to: number; // in the text
  holder: string; // the action that nests it; empty at the top
  block: string; // the list or place of the holder it is in: actions, cases/0/actions, compensation
  named: string[] | null; // its depends_on
  waits: string[]; // pointers of the siblings that it waits for
}
export interface Outline { actions: OutlinedAction[]; problem: string }

const LISTS = ['actions', 'then', 'else', 'default', 'finally', 'recovery_plan'];
const BRANCHES = ['cases', 'catch'];
export const SINGLES = new Set(['fallback_action', 'compensation', 'compensation_of_partial']);
const DEEPEST = 60;
export const BLOCKS = new Set(['sequence', 'parallel', 'conditional', 'router', 'foreach', 'repeat', 'while', 'try', 'subplan']);

export function parsed(text: string): Document.Parsed {
  return parseDocument(text, { prettyErrors: false, keepSourceTokens: false, logLevel: 'silent', uniqueKeys: false, merge: false });
}

export const isJson = (text: string): boolean => /^\s*\{/.test(text);

// The keys and places of a list that are written like cases/0/actions.
export const partsOf = (path: string): (string | number)[] => path.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : part));

export function outlineOf(text: string): Outline {
  const document = parsed(text);
  const actions: OutlinedAction[] = [];
  if (isMap(document.contents)) list(document.contents as YAMLMap, 'actions', '', '', String((document.contents as YAMLMap).get('ordering') ?? ''), actions, 0);
  return { actions, problem: document.errors[0]?.message ?? '' };
}

function list(map: YAMLMap, path: string, holder: string, base: string, ordering: string, found: OutlinedAction[], depth: number): void {
  const items = map.getIn(partsOf(path), true);
  if (!isSeq(items) || depth > DEEPEST) return;
  const here = (items as YAMLSeq).items.map((item, index) => (isMap(item) ? one(item as YAMLMap, `${base}/${path}/${index}`, holder, path, found, depth) : null));
  const beside = here.filter((action) => action !== null);
  const inARow = ordering ? ordering === 'sequence' : !beside.some(({ named }) => named);
  const known = new Map(beside.map(({ id, pointer }) => [id, pointer]));
  beside.forEach((action, index) => {
    if (action.named) action.waits = action.named.flatMap((name) => known.get(name) ?? []);
    else if (inARow && index) action.waits = [beside[index - 1].pointer];
  });
}

function one(map: YAMLMap, pointer: string, holder: string, block: string, found: OutlinedAction[], depth: number): OutlinedAction {
  const text = (key: string): string => { const value = map.get(key); return value === null || value === undefined || typeof value === 'object' ? '' : String(value); };
  const named = map.get('depends_on', true);
  const [from, to] = map.range ?? [0, 0];
  const type = text('action_type');
  const action: OutlinedAction = {
    pointer, id: text('id'), type, description: text('description'), from, to, holder, block, waits: [],
    named: isSeq(named) ? (named as YAMLSeq).items.map((item) => (isScalar(item) ? String(item.value) : '')) : null,
  };
  found.push(action);
  const ordering = type === 'sequence' ? 'sequence' : type === 'parallel' ? 'dependencies' : text('ordering');
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (LISTS.includes(key)) list(map, key, pointer, pointer, key === 'recovery_plan' ? 'sequence' : ordering, found, depth + 1);
    else if (BRANCHES.includes(key) && isSeq(pair.value)) (pair.value as YAMLSeq).items.forEach((_, index) => list(map, `${key}/${index}/actions`, pointer, pointer, ordering, found, depth + 1));
    else if (SINGLES.has(key) && isMap(pair.value)) one(pair.value as YAMLMap, `${pointer}/${key}`, pointer, key, found, depth + 1);
    else if (key === 'plan' && isMap(pair.value)) list(map, 'plan/actions', pointer, pointer, String((pair.value as YAMLMap).get('ordering') ?? ''), found, depth + 1);
  }
  return action;
}

// The innermost action around a place of the text.
export function actionAt(outline: Outline, at: number): OutlinedAction | undefined {
  let found: OutlinedAction | undefined;
  for (const action of outline.actions) if (action.from <= at && at <= action.to && (!found || action.to - action.from < found.to - found.from)) found = action;
  return found;
}
