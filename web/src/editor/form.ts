// The form of the chosen action, made from the schema of its capability; what is entered goes into the text.
import { element } from '../dom.js';
import { BLOCKS, parsed, type OutlinedAction } from './outline';
import { inline } from './edits';
import { choosePlace } from './floor_choice';
import { choices, described, isPlace, ofType, type Known, type PlanSchema, type Pose, type Poses, type Schema } from './schema';

export type Value = unknown;
type Path = string[];
type Set = (path: Path, value: Value) => void;

const OF_KIND: Record<string, string[]> = {
  sequence: [], parallel: ['max_parallel', 'success', 'race', 'on_first_failure'], conditional: ['if'], router: ['by'], foreach: ['items', 'mode', 'max_parallel'],
  repeat: ['until', 'max_iterations', 'delay', 'every'], while: ['if', 'max_iterations', 'delay', 'every'], try: ['on_error'], subplan: ['file', 'inputs', 'outputs'],
  return: ['value'], delay: ['duration'], wait_for: ['until', 'timeout'], wait_for_signal: ['signal', 'timeout'],
};
const OF_ALL = ['condition', 'when_skipped', 'while', 'on_guard_failed', 'timeout', 'critical', 'on_failure', 'require_confirmation', 'confirmation_timeout', 'confirmation_default', 'terminate_if', 'preconditions', 'estimated_duration', 'priority'];
const OF_CAPABILITIES = ['robot', 'resources', 'adaptive_timeout', 'postconditions', 'when_taken', 'patience', 'cost'];
const OF_BLOCKS = ['ordering'];
const OF_PLAN = ['command', 'description', 'ordering', 'timeout', 'deadline', 'start_at', 'not_before', 'time_zone', 'success', 'estimated_duration', 'confidence'];
const RETRY = ['max_attempts', 'initial_delay', 'multiplier', 'max_delay'];
const UNIT = /^(metres(?: per second)?|radians(?: per second)?|seconds|degrees|kilograms?|newtons?|m\/s|rad\/s|per second)\b/;

export class ActionForm {
  private drawn = '';
  private number = 0;
  private of: string | undefined;

  constructor(private readonly holder: HTMLElement, private readonly set: Set, private readonly known: () => Known & { poses: Poses }) {}

  // What is being typed in a field is kept when the form is made anew.
  show(schema: PlanSchema, action: OutlinedAction | null, value: Record<string, Value>, beside: string[]): void {
    const { places, objects } = this.known();
    const written = JSON.stringify([action?.pointer, value, beside, places, objects]);
    if (written === this.drawn) return;
    this.drawn = written;
    const before = document.activeElement as HTMLInputElement | null;
    const inside = before && this.holder.contains(before) ? { name: before.name, value: before.value, dirty: before.dataset.was !== undefined && before.dataset.was !== before.value, at: before.selectionStart ?? null } : null;
    const same = action?.pointer === this.of;
    this.of = action?.pointer;
    const opened = !same ? [] : [...this.holder.querySelectorAll('details')].map((one) => one.open);
    this.number = 0;
    this.holder.replaceChildren(...(action ? this.ofAction(schema, action, value, beside) : this.ofPlan(schema, value)));
    this.holder.querySelectorAll('details').forEach((one, index) => { one.open ||= opened[index] ?? false; });
    if (!inside?.name) return;
    const again = this.holder.querySelector<HTMLInputElement>(`[name="${CSS.escape(inside.name)}"]`);
    if (!again) return;
    again.focus({ preventScroll: true });
    if (inside.dirty && again.tagName === 'INPUT') { again.value = inside.value; if (inside.at !== null) again.setSelectionRange(inside.at, inside.at); }
  }

  private ofPlan(schema: PlanSchema, value: Record<string, Value>): Node[] {
    return [element('p', { classes: 'soft', text: 'No action is chosen: these are the fields of the plan itself.' }), this.group(OF_PLAN.map((name) => this.field(schema, [name], schema.plan.properties?.[name] ?? {}, value[name], false)))];
  }

  private ofAction(schema: PlanSchema, action: OutlinedAction, value: Record<string, Value>, beside: string[]): Node[] {
    const fields = schema.action.properties ?? {};
    const { type } = action;
    const needed = schema.needed(type);
    const kinds = element('select', { name: 'action_type' }, [
      ...(schema.kinds.some(({ name }) => name === type) ? [] : [new Option(type || 'choose one …', type, true, true)]),
      ...this.kinds(schema, type),
    ]) as HTMLSelectElement;
    kinds.addEventListener('change', () => this.set(['action_type'], kinds.value));
    const parameters = schema.parameters(type);
    const own = OF_KIND[type];
    const given = (value.parameters ?? {}) as Record<string, Value>;
    const known = Object.keys(parameters?.properties ?? {});
    const required = new Set(parameters?.required ?? []);
    const inParameters = [...known.filter((name) => required.has(name)), ...known.filter((name) => !required.has(name))];
    const more = [...OF_ALL, ...(own ? [] : OF_CAPABILITIES), ...(BLOCKS.has(type) && type !== 'sequence' && type !== 'parallel' ? OF_BLOCKS : [])].filter((name) => !own?.includes(name));
    const set = more.filter((name) => value[name] !== undefined);
    const retry = (value.retry ?? {}) as Record<string, Value>;
    return [
      this.group([
        this.text(['id'], 'id', fields.id, value.id, false), this.labelled('action_type', kinds, schema.kinds.find(({ name }) => name === type)?.description ?? ''),
        this.text(['description'], 'description', fields.description, value.description, false),
      ]),
      ...(own?.length ? [this.group(own.map((name) => this.field(schema, [name], fields[name] ?? {}, value[name], needed.has(name))))] : []),
      ...(inParameters.length ? [element('h4', { text: 'Parameters' }), this.group(inParameters.map((name) => this.field(schema, ['parameters', name], parameters!.properties![name], given[name], required.has(name))))] : []),
      this.names(action, beside),
      element('details', set.length || value.retry ? { open: '' } : {}, [
        element('summary', { text: 'Conditions, times, failures' }),
        this.group([
          ...more.map((name) => this.field(schema, [name], fields[name] ?? {}, value[name], false)),
          ...(own && !BLOCKS.has(type) ? [] : RETRY.map((name) => this.field(schema, ['retry', name], schema.retry.properties?.[name] ?? {}, retry[name], false))),
        ]),
      ]),
    ];
  }

  kinds(schema: PlanSchema, chosen = ''): HTMLElement[] {
    const control = (name: string): boolean => name in OF_KIND;
    return [['what the robot does', false], ['control flow', true]].map(([label, wanted]) => element('optgroup', { label: String(label) },
      schema.kinds.filter(({ name }) => control(name) === wanted).map(({ name }) => new Option(name.replaceAll('_', ' '), name, name === chosen, name === chosen))));
  }

  private group(fields: Node[]): HTMLElement { return element('div', { classes: 'fields' }, fields); }

  private labelled(name: string, control: HTMLElement, hint: string, { needed = false, extra = [] as Node[] } = {}): HTMLElement {
    this.number += 1;
    const id = `edit-field-${this.number}`;
    control.id ||= id;
    if (hint) control.setAttribute('aria-describedby', `${id}-hint`);
    const label = element('label', { for: control.id, text: name.replaceAll('_', ' ') });
    if (needed) label.append(element('span', { classes: 'needed', text: ' needed' }));
    return element('div', { classes: 'field' }, [label, control, ...extra, ...(hint ? [element('small', { id: `${id}-hint`, text: hint })] : [])]);
  }

  private field(schema: PlanSchema, path: Path, one: Schema, value: Value, needed: boolean): HTMLElement {
    const forms = schema.forms(one);
    const name = path.at(-1)!;
    const words = one.description ?? forms.find((form) => form.description && form.description !== 'CEL template')?.description ?? '';
    const plain = value === undefined || typeof value !== 'object' || value === null;
    if (isPlace(forms)) return this.place(path, name, forms, value, needed);
    const offered = choices(forms);
    const isChoice = offered.length && !ofType(forms, 'number', 'integer') && (value === undefined || offered.some((choice) => choice.value === value));
    if (isChoice) return this.choice(path, name, offered.map((choice) => choice.value), words, value, needed);
    if (ofType(forms, 'number', 'integer') && plain) return this.measure(path, name, forms, words, value, needed);
    if (ofType(forms, 'string') && plain && !ofType(forms, 'array', 'object')) return this.text(path, name, { ...one, description: words }, value, needed);
    return this.anything(path, name, forms, words, value, needed);
  }

  private input(path: Path, value: string, attributes: Record<string, string> = {}): HTMLInputElement {
    const made = element('input', { name: path.join('.'), autocomplete: 'off', spellcheck: 'false', ...attributes }) as HTMLInputElement;
    made.value = value;
    made.dataset.was = value;
    return made;
  }

  private text(path: Path, name: string, one: Schema | undefined, value: Value, needed: boolean): HTMLElement {
    const objects = /object/.test(name) ? { list: 'edit-objects' } : {};
    const input = this.input(path, value === undefined || value === null ? '' : String(value), objects as Record<string, string>);
    input.addEventListener('change', () => this.set(path, input.value === '' ? undefined : input.value));
    return this.labelled(name, input, one?.description ?? '', { needed });
  }

  private measure(path: Path, name: string, forms: Schema[], words: string, value: Value, needed: boolean): HTMLElement {
    const input = this.input(path, value === undefined ? '' : String(value), { inputmode: 'decimal', classes: 'short' });
    input.addEventListener('change', () => {
      const entered = input.value.trim();
      this.set(path, entered === '' ? undefined : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(entered) ? Number(entered) : entered);
    });
    const unit = UNIT.exec(words)?.[1] ?? '';
    const number = ofType(forms, 'number', 'integer')!;
    const bounds = described([{ ...number, description: '' }]).replace(/^(number|whole number) ?/, '');
    const rest = words.slice(unit.length).replace(/^[,;]? */, '');
    return this.labelled(name, input, [rest, bounds].filter(Boolean).join('; '), { needed, extra: unit ? [element('span', { classes: 'unit', text: unit })] : [] });
  }

  private choice(path: Path, name: string, values: Value[], words: string, value: Value, needed: boolean): HTMLElement {
    const spoken = (one: Value): string => (one === true ? 'yes' : one === false ? 'no' : String(one));
    const select = element('select', { name: path.join('.') }, [new Option('as usual', ''), ...values.map((one, index) => new Option(spoken(one), String(index), one === value, one === value))]) as HTMLSelectElement;
    select.addEventListener('change', () => this.set(path, select.value === '' ? undefined : values[Number(select.value)]));
    return this.labelled(name, select, words, { needed });
  }

  // A place by its name, coordinates, or an expression.
  private place(path: Path, name: string, forms: Schema[], value: Value, needed: boolean): HTMLElement {
    const { places, objects, poses } = this.known();
    const pose = typeof value === 'object' && value !== null ? value as Record<string, Value> : null;
    const other = typeof value === 'string' && !places.includes(value) && !objects.includes(value);
    const chosen = value === undefined ? '' : pose ? '=pose' : other ? '=text' : `:${value as string}`;
    const group = (label: string, names: string[]): HTMLElement => element('optgroup', { label }, names.map((one) => new Option(one, `:${one}`, `:${one}` === chosen, `:${one}` === chosen)));
    const select = element('select', { name: path.join('.') }, [
      new Option('not said', '', !chosen, !chosen), ...(places.length ? [group('places', places)] : []), ...(objects.length ? [group('known objects', objects)] : []),
      new Option('coordinates …', '=pose', chosen === '=pose', chosen === '=pose'), new Option('a name or an expression …', '=text', other, other),
    ]) as HTMLSelectElement;
    select.addEventListener('change', () => {
      if (select.value === '=pose') this.set(path, { x: 0, y: 0, yaw: 0, ...poses.get(typeof value === 'string' ? value : '') });
      else this.set(path, select.value === '' ? undefined : select.value === '=text' ? '{{  }}' : select.value.slice(1));
    });
    const flat = forms.find((form) => form.properties?.x && form.properties.y)!;
    const onMap = element('button', { type: 'button', classes: 'small', text: 'On the map …', 'aria-label': `Choose ${name.replaceAll('_', ' ')} on the map` });
    onMap.addEventListener('click', () => void choosePlace(poses, (pose as Partial<Pose> | null) ?? poses.get(typeof value === 'string' ? value : '') ?? {}).then((one) => { if (one) this.set(path, one); }));
    const extra: Node[] = [onMap];
    if (pose && (pose.x !== undefined || !Object.keys(pose).length)) {
      const shown = ['x', 'y', 'z', 'yaw'].filter((one) => flat.properties?.[one]);
      extra.push(element('span', { classes: 'pose' }, shown.map((one) => {
        const input = this.input([...path, one], pose[one] === undefined ? '' : String(pose[one]), { inputmode: 'decimal', 'aria-label': `${name.replaceAll('_', ' ')}, ${one} in ${one === 'yaw' ? 'radians' : 'metres'}` });
        input.addEventListener('change', () => {
          const entered = input.value.trim();
          this.set([...path, one], entered === '' ? undefined : Number.isFinite(Number(entered)) ? Number(entered) : entered);
        });
        return element('span', {}, [element('span', { classes: 'unit', text: one, 'aria-hidden': 'true' }), input, element('span', { classes: 'unit', text: one === 'yaw' ? 'rad' : 'm', 'aria-hidden': 'true' })]);
      })));
    } else if (other || pose) {
      const input = this.input([...path, 'text'], pose ? inline(pose, false) : String(value), { 'aria-label': `${name.replaceAll('_', ' ')} as text` });
      input.addEventListener('change', () => this.set(path, pose ? valueOf(input) : input.value || undefined));
      extra.push(input);
    }
    return this.labelled(name, select, '', { needed, extra });
  }

  // A list, a mapping or whatever else, as YAML on one line.
  private anything(path: Path, name: string, forms: Schema[], words: string, value: Value, needed: boolean): HTMLElement {
    const isList = Boolean(ofType(forms, 'array'));
    const shown = value === undefined || value === null ? '' : inline(value, false);
    const input = this.input(path, isList && Array.isArray(value) ? shown.slice(1, -1) : shown, isList ? { placeholder: 'one, two' } : {});
    input.addEventListener('change', () => {
      const made = valueOf(input, isList);
      if (made !== WRONG) this.set(path, made);
    });
    return this.labelled(name, input, [words, isList ? 'separated by commas' : ''].filter(Boolean).join('; '), { needed });
  }

  // What it waits for.
  private names(action: OutlinedAction, beside: string[]): HTMLElement {
    const named = action.named ?? [];
    const list = element('ul', { classes: 'names' }, named.map((name) => {
      const button = element('button', { type: 'button', classes: 'small', text: '×', 'aria-label': `No longer wait for ${name}`, name: `without ${name}` });
      button.addEventListener('click', () => this.set(['depends_on'], named.filter((one) => one !== name)));
      return element('li', {}, [name, ' ', button]);
    }));
    const input = this.input(['depends_on'], '', { list: 'edit-beside', placeholder: 'an action beside it' });
    const offered = element('datalist', { id: 'edit-beside' }, beside.filter((name) => !named.includes(name)).map((name) => new Option(name, name)));
    const add = (): void => {
      const name = input.value.trim();
      if (!name || named.includes(name)) return;
      input.value = '';
      this.set(['depends_on'], [...named, name]);
    };
    input.addEventListener('change', add);
    const extra: Node[] = [offered, ...(named.length ? [list] : [])];
    if (action.named) {
      const none = element('button', { type: 'button', classes: 'small', text: 'By the order of the list', name: 'depends_on none' });
      none.addEventListener('click', () => this.set(['depends_on'], undefined));
      extra.push(none);
    }
    return element('div', { classes: 'fields' }, [this.labelled('waits for', input, action.named ? '' : action.waits.length ? 'the action before it, by the order of the list' : 'nothing', { extra })]);
  }
}

const WRONG = Symbol('no YAML');

function valueOf(input: HTMLInputElement, isList = false): Value {
  const entered = input.value.trim();
  if (!entered) { input.setCustomValidity(''); return undefined; }
  const template = /^\{\{.*\}\}$/.test(entered);
  const document = parsed(isList && !entered.startsWith('[') && !template ? `[${entered}]` : template ? JSON.stringify(entered) : entered);
  input.setCustomValidity(document.errors.length ? `This cannot be read: ${document.errors[0].message}` : '');
  if (document.errors.length) { input.reportValidity(); return WRONG; }
  return document.toJS();
}
