// Completion and hovers of a plan's text, from the schema of plans and from what the node knows.
import { autocompletion, snippetCompletion, startCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { hoverTooltip, type EditorView } from '@codemirror/view';
import { element } from '../dom.js';
import { actionAt, isJson, type Outline } from './outline';
import { pathAround, placeAt, type PlaceInText } from './place';
import { choices, described, isPlace, ITEM, ofType, type Known, type PlanSchema, type Schema, type Step } from './schema';

export interface Sources { schema: () => PlanSchema | null; known: () => Known; outline: () => Promise<Outline> }

export function completion(sources: Sources): Extension {
  return [
    autocompletion({ override: [(context) => complete(context, sources)], icons: false, maxRenderedOptions: 14 }),
    hoverTooltip((view, at) => hover(view, at, sources), { hoverTime: 250 }),
  ];
}

async function complete(context: CompletionContext, sources: Sources): Promise<CompletionResult | null> {
  const schema = sources.schema();
  const place = schema && placeAt(context.state, context.pos);
  if (!schema || !place) return null;
  if (!context.explicit && place.what === 'key' && place.from === context.pos) return null;
  const forms = schema.at(place.path);
  const mapping = forms.filter((form) => form.properties);
  const asKey = place.what === 'key' && mapping.length > 0;
  const options = asKey ? keys(schema, mapping, place) : await values(forms, place, context, sources);
  if (!options.length) return null;
  // In JSON, and behind a quote, a word has quotes around it.
  const quoted = context.state.sliceDoc(place.from, place.from + 1) === '"';
  const quotes = quoted || isJson(context.state.sliceDoc(0, 100));
  for (const option of options) {
    if (!asKey && (!quotes || option.type === 'value' || option.apply)) continue;
    option.apply = (view, { label }, from, to) => {
      const word = quotes ? `${quoted ? '' : '"'}${label}"` : label;
      put(view, asKey ? `${word}: ` : word, from, to + Number(quoted && view.state.sliceDoc(to, to + 1) === '"'));
      if (asKey) startCompletion(view);
    };
  }
  return { from: place.from + Number(quoted), options, validFor: /^[\w.-]*$/ };
}

function keys(schema: PlanSchema, forms: Schema[], place: PlaceInText): Completion[] {
  const offered = new Map<string, Completion>();
  for (const form of forms) {
    const needed = new Set([...(form.required ?? [])]);
    for (const [name, field] of Object.entries(form.properties ?? {})) {
      if (place.others.has(name) || offered.has(name)) continue;
      const inside = schema.forms(field);
      const type = place.path.at(-1)?.type ?? '';
      offered.set(name, {
        label: name, detail: needed.has(name) ? 'needed' : undefined, boost: needed.has(name) ? 10 : name === 'id' ? 9 : name === 'parameters' ? 8 : 0,
        info: () => about(schema.words([...place.path, { key: name, type }]) || field.description || '', described(inside)),
      });
    }
  }
  return [...offered.values()];
}

function put(view: EditorView, text: string, from: number, to: number): void {
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: 'input.complete' });
}

async function values(forms: Schema[], place: PlaceInText, context: CompletionContext, sources: Sources): Promise<Completion[]> {
  const last: Step | undefined = place.path.at(-1);
  const before = place.path.at(-2);
  const offered: Completion[] = choices(forms).map(({ value, words }) => ({ label: String(value), type: typeof value === 'string' ? 'text' : 'value', info: words ? () => about(words, '') : undefined, detail: words === 'control flow' ? words : undefined }));
  const { places, objects } = sources.known();
  if (isPlace(forms)) {
    offered.push(...places.map((name) => ({ label: name, detail: 'place', boost: 5 })), ...objects.map((name) => ({ label: name, detail: 'object', boost: 4 })));
    offered.push(snippetCompletion('{x: ${0.0}, y: ${0.0}, yaw: ${0.0}}', { label: '{x, y, yaw}', detail: 'coordinates in metres and radians' }));
  } else if (last && /object/.test(last.key) && ofType(forms, 'string')) offered.push(...objects.map((name) => ({ label: name, detail: 'object' })));
  if (last?.key === 'depends_on' || (last?.key === ITEM && before?.key === 'depends_on')) {
    const outline = await sources.outline();
    const here = actionAt(outline, context.pos);
    const beside = outline.actions.filter((one) => one.id && here && one.holder === here.holder && one.block === here.block && one.pointer !== here.pointer);
    offered.push(...beside.map((one) => ({ label: last.key === ITEM ? one.id : `[${one.id}]`, detail: one.type })));
  }
  return offered;
}

function about(words: string, kind: string): HTMLElement {
  return element('div', { classes: 'about' }, [words && element('p', { text: words }), kind && element('p', { text: kind, classes: 'soft' })].filter(Boolean) as Node[]);
}

function hover(view: EditorView, at: number, sources: Sources) {
  const schema = sources.schema();
  const found = schema && pathAround(view.state, at);
  if (!schema || !found) return null;
  const { path, from, to, value } = found;
  const last = path.at(-1);
  if (!last) return null;
  const kind = last.key === 'action_type' && value ? schema.kinds.find(({ name }) => name === value) : undefined;
  const words = kind ? kind.description : schema.words(path);
  const shape = kind ? '' : described(schema.at(path));
  if (!words && !shape) return null;
  const title = kind ? value : last.key === ITEM ? path.at(-2)?.key ?? '' : last.key;
  return { pos: from, end: to, above: true, create: () => ({ dom: element('div', { classes: 'word-hint' }, [element('strong', { text: title }), about(words, shape)]) }) };
}
