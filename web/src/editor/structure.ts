// The graph, its buttons and its keys, and the form: they change the text, and show what the cursor is in.
import { byId, element, redrawn } from '../dom.js';
import { added, CannotEditError, connected, deleted, freeId, moved, nested, renamed, shifted, siblings, unnested, withField, wrapped, type Edited } from './edits';
import { ActionForm } from './form';
import { actionAt, BLOCKS, outlineOf, parsed, type Outline, type OutlinedAction } from './outline';
import { PlanView, type Target } from './plan_view';
import type { Known, PlanSchema, Poses } from './schema';
import type { Issue, PlanText } from './text';

interface Wants {
  text: PlanText;
  schema: () => PlanSchema | null;
  known: () => Known & { poses: Poses };
  fresh: () => Outline; // of the text as it is now
  changed: (outline: Outline) => void;
  say: (text: string, wrong?: boolean) => void;
}

const AROUND = ['sequence', 'parallel', 'try', 'conditional', 'foreach', 'repeat', 'while'];
const INSIDE: Record<string, string[]> = { conditional: ['then', 'else'], router: ['default'], try: ['actions', 'finally'], subplan: [] };
const STAND_INS: [string, string][] = [['fallback_action', 'instead, if it fails'], ['recovery_plan', 'to recover, if it fails'], ['compensation', 'to undo it']];

export class Structure {
  private outline: Outline = { actions: [], problem: '' };
  private chosen: OutlinedAction | undefined;
  private connecting = '';
  private readonly view: PlanView;
  private readonly form: ActionForm;
  private drawing: Promise<void> = Promise.resolve();

  constructor(private readonly wants: Wants) {
    this.view = new PlanView(byId('edit-graph'), { choose: (pointer) => this.picked(pointer), key: (key) => this.key(key), move: (pointer, to) => this.move(pointer, to) });
    this.form = new ActionForm(byId('edit-fields'), (path, value) => this.set(path, value), wants.known);
    const does = (id: string, act: () => void): void => byId(id).addEventListener('click', act);
    does('edit-add-it', () => this.add());
    does('edit-up', () => this.shift(-1));
    does('edit-down', () => this.shift(1));
    does('edit-nest-it', () => this.nest(byId<HTMLSelectElement>('edit-nest').value));
    does('edit-out', () => this.change((text, outline, action) => unnested(text, outline, action)));
    does('edit-remove', () => this.change((text, outline, action) => deleted(text, outline, action)));
    does('edit-connect', () => { this.connect(); byId('edit-graph').focus(); });
    does('edit-undo', () => wants.text.undo());
    does('edit-redo', () => wants.text.redo());
  }

  begin(): void { this.view.begin(); }

  // The outline of the text as it is now.
  read(outline: Outline): void {
    this.outline = outline;
    this.choose(actionAt(outline, this.wants.text.cursor));
    // One after the other: what is drawn last is the newest.
    this.drawing = this.drawing.then(() => (outline === this.outline ? this.view.show(outline).then(() => this.view.choose(this.chosen?.pointer ?? '')) : undefined));
  }

  // Other places or objects are known.
  refresh(): void { if (this.outline.actions.length) this.choose(this.chosen); }

  // The cursor has moved in a text that is known.
  moved(): void {
    const action = actionAt(this.outline, this.wants.text.cursor);
    if (action?.pointer === this.chosen?.pointer) return;
    this.choose(action);
    this.view.choose(action?.pointer ?? '');
  }

  mark(issues: Issue[]): void {
    const wrong = new Set<string>();
    for (const issue of issues) {
      if (issue.severity !== 'error') continue;
      const around = this.outline.actions.filter(({ pointer }) => issue.pointer === pointer || issue.pointer.startsWith(`${pointer}/`));
      if (around.length) wrong.add(around.reduce((one, other) => (other.pointer.length > one.pointer.length ? other : one)).pointer);
    }
    this.view.mark(wrong);
  }

  private choose(action: OutlinedAction | undefined): void {
    this.chosen = action;
    const schema = this.wants.schema();
    if (!schema) return;
    const beside = action ? siblings(this.outline, action).filter((one) => one !== action && one.id) : [];
    byId('edit-chosen-title').textContent = action ? `Action ${action.id || action.type}` : 'The plan';
    this.form.show(schema, action ?? null, this.valueOf(action), beside.map(({ id }) => id));
    this.offer(schema, action, beside);
    for (const id of ['edit-up', 'edit-down', 'edit-nest-it', 'edit-out', 'edit-remove', 'edit-connect']) byId(id).toggleAttribute('disabled', !action);
    if (!action?.holder) byId('edit-out').setAttribute('disabled', '');
  }

  private valueOf(action: OutlinedAction | undefined): Record<string, unknown> {
    const { text } = this.wants.text;
    const [from, to] = action ? [action.from, action.to] : [0, this.outline.actions[0]?.from ?? text.length];
    const head = action ? ' '.repeat(from - (text.lastIndexOf('\n', from - 1) + 1)) + text.slice(from, to) : text.slice(0, to);
    const value: unknown = parsed(head).toJS();
    return value && typeof value === 'object' && !Array.isArray(value) ? value as Record<string, unknown> : {};
  }

  // What can be added where, and nested into what.
  private offer(schema: PlanSchema, action: OutlinedAction | undefined, beside: OutlinedAction[]): void {
    const kinds = byId<HTMLSelectElement>('edit-add');
    if (!kinds.options.length) kinds.replaceChildren(...this.form.kinds(schema));
    const where = action ? [['', `after ${action.id || action.type}`], ...this.lists(action), ...STAND_INS] : [['', 'at the end of the plan']];
    redrawn(byId('edit-where'), where, (all: string[][]) => all.map(([value, text]) => new Option(text, value)));
    const blocks = beside.filter(({ type }) => BLOCKS.has(type));
    const into = blocks.flatMap((block) => this.lists(block).map(([field, words]) => [`${block.pointer} ${field}`, `into ${block.id}${words === 'inside it' ? '' : `, ${words}`}`]));
    redrawn(byId('edit-nest'), [into, AROUND], () => [
      ...(into.length ? [element('optgroup', { label: 'a block beside it' }, into.map(([value, text]) => new Option(text, value)))] : []),
      element('optgroup', { label: 'a new block' }, AROUND.map((kind) => new Option(`in a new ${kind}`, kind))),
    ]);
  }

  private lists(action: OutlinedAction): [string, string][] {
    if (!BLOCKS.has(action.type)) return [];
    const fields = INSIDE[action.type] ?? ['actions'];
    const there = new Set(this.outline.actions.filter(({ holder }) => holder === action.pointer).map(({ block }) => block).filter((block) => /^(cases|catch|plan)\//.test(block)));
    return [...fields, ...there].map((field): [string, string] => [field, field === 'actions' ? 'inside it' : `inside ${field.replace(/^(cases|catch)\/(\d+)\/actions$/, (_, what: string, number: string) => `${what === 'cases' ? 'case' : 'catch'} ${Number(number) + 1}`).replace('plan/actions', 'the subplan')}`]);
  }

  // Chosen in the graph: the cursor goes there. While connecting it is what comes after.
  private picked(pointer: string): void {
    if (this.connecting) { this.connectTo(pointer); return; }
    this.goTo(pointer);
  }

  private goTo(pointer: string): void {
    const outline = this.wants.fresh();
    const action = outline.actions.find((one) => one.pointer === pointer);
    if (!action) return;
    this.wants.text.goTo(action.from);
    this.tell(action);
  }

  private tell(action: OutlinedAction): void {
    const waits = action.waits.map((one) => this.outline.actions.find(({ pointer }) => pointer === one)?.id).filter(Boolean);
    const holder = this.outline.actions.find(({ pointer }) => pointer === action.holder);
    const parts = [`${action.id || 'without id'}: ${action.type.replaceAll('_', ' ')}`, waits.length ? `waits for ${waits.join(', ')}` : '', holder ? `in ${holder.id}` : ''];
    byId('edit-said').textContent = this.connecting ? `Enter or a click: ${action.id} waits for ${this.nameOf(this.connecting)}. Escape: it does not.` : parts.filter(Boolean).join('; ');
  }

  private nameOf(pointer: string): string { const action = this.outline.actions.find((one) => one.pointer === pointer); return action?.id || action?.type || ''; }

  private change(make: (text: string, outline: Outline, action: OutlinedAction) => Edited): void {
    const outline = this.wants.fresh();
    const action = this.chosen && outline.actions.find(({ pointer }) => pointer === this.chosen!.pointer);
    if (!action) { this.wants.say('Choose an action first.', true); return; }
    this.apply((text) => make(text, outline, action));
  }

  private apply(make: (text: string) => Edited): void {
    try {
      const edited = make(this.wants.text.text);
      const outline = outlineOf(edited.text);
      const action = outline.actions.find(({ pointer }) => pointer === edited.pointer);
      this.wants.text.change(edited.text, action?.from ?? 0);
      this.wants.changed(outline);
      this.wants.say('');
      if (action) this.tell(action);
    } catch (failure) {
      if (!(failure instanceof CannotEditError)) throw failure;
      this.wants.say(`That cannot be done: ${failure.message}.`, true);
    }
  }

  private set(path: string[], value: unknown): void {
    if (!this.chosen) { this.apply((text) => ({ text: withField(text, null, path, value), pointer: '' })); return; }
    if (path[0] === 'id') { this.change((text, outline, action) => renamed(text, outline, action, String(value ?? ''))); return; }
    this.change((text, _outline, action) => ({ text: withField(text, action, path, value), pointer: action.pointer }));
  }

  private add(): void {
    const type = byId<HTMLSelectElement>('edit-add').value;
    const where = byId<HTMLSelectElement>('edit-where').value;
    const outline = this.wants.fresh();
    const action = this.chosen ? outline.actions.find(({ pointer }) => pointer === this.chosen!.pointer) ?? null : null;
    const made = { id: freeId(outline, type), action_type: type, ...(this.wants.schema()?.needed(type).has('actions') ? { actions: [] as [] } : {}) };
    this.apply((text) => added(text, outline, action, where, made));
  }

  private shift(by: -1 | 1): void { this.change((text, outline, action) => shifted(text, outline, action, by)); }

  private nest(where: string): void {
    const [pointer, field] = where.split(' ');
    this.change((text, outline, action) => {
      if (!field) return wrapped(text, outline, action, where);
      const block = outline.actions.find((one) => one.pointer === pointer);
      if (!block) throw new CannotEditError('the block is not there any more');
      return nested(text, outline, action, block, field);
    });
  }

  // Dragged in the graph.
  private move(pointer: string, to: Target): void {
    const outline = this.wants.fresh();
    const at = (wanted: string): OutlinedAction | undefined => outline.actions.find((one) => one.pointer === wanted);
    const action = at(pointer);
    if (!action) return;
    if (to === 'out') { this.apply((text) => unnested(text, outline, action)); return; }
    const other = at('into' in to ? to.into : to.beside);
    if (!other) return;
    const [holder, block] = 'into' in to ? [other.pointer, to.branch || this.lists(other)[0]?.[0] || 'actions'] : [other.holder, other.block];
    const list = siblings(outline, { holder, block });
    const index = 'into' in to ? list.length : list.indexOf(other) + Number(to.behind);
    this.apply((text) => moved(text, action, { holder, block, index }));
  }

  private connect(): void {
    this.connecting = this.connecting ? '' : this.chosen?.pointer ?? '';
    byId('edit-connect').setAttribute('aria-pressed', String(this.connecting !== ''));
    byId('edit-said').textContent = this.connecting ? `Choose the action that is to wait for ${this.nameOf(this.connecting)}: a click, or arrow keys and Enter.` : '';
  }

  private connectTo(pointer: string): void {
    const from = this.connecting;
    this.connect();
    const outline = this.wants.fresh();
    const [first, second] = [from, pointer].map((one) => outline.actions.find((action) => action.pointer === one));
    if (first && second) this.apply((text) => connected(text, first, second));
  }

  // Of the graph, so that it needs no mouse.
  private key(key: KeyboardEvent): boolean {
    const command = key.ctrlKey || key.metaKey;
    if (key.shiftKey && !command) return false; // Shift and the arrow keys move what is seen
    const alt: Record<string, () => void> = {
      ArrowUp: () => this.shift(-1), ArrowDown: () => this.shift(1),
      ArrowLeft: () => this.change((text, outline, action) => unnested(text, outline, action)), ArrowRight: () => this.nestBeside(),
    };
    const plain: Record<string, () => void> = {
      ArrowUp: () => this.step(-1), ArrowDown: () => this.step(1), ArrowLeft: () => this.outwards(), ArrowRight: () => this.inwards(), Home: () => this.step(-Infinity), End: () => this.step(Infinity),
      Delete: () => this.change((text, outline, action) => deleted(text, outline, action)), Insert: () => byId('edit-add').focus(), a: () => byId('edit-add').focus(),
      c: () => this.connect(), Escape: () => { if (this.connecting) this.connect(); }, F2: () => this.intoForm(),
      Enter: () => { if (this.connecting && this.chosen) this.connectTo(this.chosen.pointer); else this.intoForm(); },
    };
    const act = command ? { z: () => this.wants.text.undo(), y: () => this.wants.text.redo() }[key.key] : (key.altKey ? alt : plain)[key.key];
    if (!act) return false;
    act();
    return true;
  }

  private intoForm(): void { byId('edit-fields').querySelector<HTMLElement>('input, select')?.focus(); }

  // The next action that is drawn.
  private step(by: number): void {
    const drawn = this.view.visible();
    const at = this.chosen ? drawn.findIndex(({ pointer }) => pointer === this.chosen!.pointer) : -1;
    const next = drawn[Math.min(Math.max(at + by, 0), drawn.length - 1)];
    if (next) this.goTo(next.pointer);
  }

  private inwards(): void {
    if (this.view.turnChosen(true)) return;
    const child = this.outline.actions.find(({ holder }) => holder === this.chosen?.pointer);
    if (child) this.goTo(child.pointer);
  }

  private outwards(): void {
    if (this.view.turnChosen(false)) return;
    if (this.chosen?.holder) this.goTo(this.chosen.holder);
  }

  // Into the block before it, or the one behind it.
  private nestBeside(): void {
    this.change((text, outline, action) => {
      const list = siblings(outline, action);
      const at = list.indexOf(action);
      const block = [list[at - 1], list[at + 1]].find((one) => one && this.lists(one).length);
      if (!block) throw new CannotEditError('no block stands beside it; “Nest” makes a new one around it');
      return nested(text, outline, action, block, this.lists(block)[0][0]);
    });
  }
}
