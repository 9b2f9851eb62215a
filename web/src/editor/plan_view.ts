// The graph of the plan that is edited: what is chosen in it is what the cursor is in.
import type cytoscape from 'cytoscape';
import { BlockGraph, READ } from '../block_graph';
import { PlanShape, type Shape } from '../plan_shape';
import { BLOCKS, type Outline, type OutlinedAction } from './outline';

export interface Commands {
  choose(pointer: string): void;
  key(key: KeyboardEvent): boolean; // whether it meant something
  move(pointer: string, to: Target): void;
}
// Where something is dropped: before or behind an action, into a block (or a branch of it), or outside of its own.
export type Target = { beside: string; behind: boolean } | { into: string; branch: string } | 'out';

const WORDS: Record<string, string> = { fallback_action: 'instead', compensation: 'undo', compensation_of_partial: 'undo half', recovery_plan: 'recovery' };
const [PLAIN, CONTROL] = ['#4a5560', '#6d44a8'];
const EDGE = 12; // of a block, in pixels of the drawing
const SMALL = 120; // actions up to which a new block is open at once

export class PlanView extends BlockGraph {
  private outline: Outline = { actions: [], problem: '' };
  private readonly nodes = new Map<string, OutlinedAction>(); // by the name of the node
  private readonly names = new Map<string, string>(); // of the nodes, by pointer
  private readonly holders = new Map<string, string>(); // what a branch belongs to
  private readonly branches = new Map<string, string>(); // and the list that it is
  private known = new Set<string>();
  private wrong = new Set<string>();
  private chosen = '';
  private first = '';
  private shown = '';
  private drawnFor = '';

  constructor(container: HTMLElement, private readonly commands: Commands) {
    super(container, 'edit-graph');
    this.graph.on('dbltap', 'node:childless', ({ target }) => { if (this.plan?.held.has(target.id())) void this.turn([target.id()], true); });
    this.setUpDragging();
  }

  // What is dragged goes back to where it was: the plan is drawn anew if it changed.
  private setUpDragging(): void {
    let boxes: [string, cytoscape.BoundingBox12][] = [];
    let before = new Map<string, cytoscape.Position>();
    let target: Target | null = null;
    this.graph.autoungrabify(false);
    let held: OutlinedAction | undefined; // what is held in a block comes along, and is not meant
    this.graph.on('grabon', 'node', ({ target: node }) => {
      held = this.nodes.get(node.id());
      boxes = this.graph.nodes().map((node): [string, cytoscape.BoundingBox12] => [node.id(), node.boundingBox({ includeLabels: false, includeOverlays: false })]);
      before = new Map(this.graph.nodes().map((node) => [node.id(), { ...node.position() }]));
      target = null;
    });
    this.graph.on('drag', 'node', ({ position }) => {
      if (position) target = held ? this.targetAt(held, position, boxes) : null;
      const marked = target && target !== 'out' ? ('into' in target ? target.into : target.beside) : '';
      this.graph.nodes().forEach((one) => { one.toggleClass('target', marked !== '' && this.nodes.get(one.id())?.pointer === marked); });
    });
    this.graph.on('freeon', 'node', () => {
      this.graph.nodes().removeClass('target');
      this.graph.nodes(':childless').forEach((one) => { const was = before.get(one.id()); if (was) one.position(was); });
      if (held && target) this.commands.move(held.pointer, target);
      target = null;
    });
  }

  // By where everything was when the dragging began: a block grows with what is dragged out of it.
  private targetAt(own: OutlinedAction, { x, y }: cytoscape.Position, boxes: [string, cytoscape.BoundingBox12][]): Target | null {
    const inside = ([, box]: [string, cytoscape.BoundingBox12]): boolean => box.x1 <= x && x <= box.x2 && box.y1 <= y && y <= box.y2;
    const under = boxes.filter(inside).sort(([, a], [, b]) => (a.x2 - a.x1) * (a.y2 - a.y1) - (b.x2 - b.x1) * (b.y2 - b.y1));
    const [first] = under;
    if (!first) return own.holder ? 'out' : null;
    const [name, box] = first;
    const action = this.nodes.get(name);
    if (!action) return { into: this.nodes.get(this.holders.get(name) ?? '')?.pointer ?? '', branch: this.branches.get(name) ?? '' };
    if (action === own || action.pointer.startsWith(`${own.pointer}/`)) return null;
    // A block takes what is dropped on it, but for its left and right edge.
    const edge = Math.min(EDGE, (box.x2 - box.x1) / 4);
    if (BLOCKS.has(action.type) && box.x1 + edge < x && x < box.x2 - edge) return action.pointer === own.holder ? null : { into: action.pointer, branch: '' };
    return { beside: action.pointer, behind: x > (box.x1 + box.x2) / 2 };
  }

  // Another document is drawn as a new one: its blocks open as far as it can be read.
  begin(): void { this.known = new Set(); this.open = new Set(); this.shown = ''; this.drawnFor = ''; }

  async show(outline: Outline): Promise<void> {
    // What is written inside an action changes nothing of the graph.
    const asked = outline.actions.map(({ pointer, id, type, waits }) => `${pointer} ${type} ${id} ${waits.join()}`).join('\n');
    if (asked === this.drawnFor) return;
    this.drawnFor = asked;
    this.outline = outline;
    this.nodes.clear();
    this.names.clear();
    this.holders.clear();
    this.branches.clear();
    const often = new Map<string, number>();
    for (const { id } of outline.actions) often.set(id, (often.get(id) ?? 0) + 1);
    for (const action of outline.actions) {
      const name = action.id && often.get(action.id) === 1 ? action.id : action.pointer;
      this.names.set(action.pointer, name);
      this.nodes.set(name, action);
    }
    this.plan = new PlanShape(this.shape());
    this.subject = [...this.nodes.values()].map((action) => this.title(action)).join('\n');
    const fresh = this.plan.blocks.filter((block) => !this.known.has(block));
    if (!this.known.size) this.open = this.plan.firstOpen();
    else if (outline.actions.length <= SMALL) fresh.forEach((block) => this.open.add(block));
    this.known = new Set(this.plan.blocks);
    await this.draw();
    this.container.dataset.actions = String(outline.actions.length);
  }

  choose(pointer: string): void {
    this.chosen = this.names.get(pointer) ?? '';
    if (!this.plan) return;
    this.paint();
    this.lookAt();
  }

  // Marks actions by pointer.
  mark(pointers: Set<string>): void {
    this.wrong = pointers;
    if (this.plan) this.paint();
  }

  // The actions that are drawn, in the order of the document.
  visible(): OutlinedAction[] {
    return [...this.nodes].filter(([name]) => this.plan?.drawn(name, this.open) === name).map(([, action]) => action);
  }

  // Opens or closes the block that is chosen; whether there was something to do.
  turnChosen(open: boolean): boolean {
    const inside = this.plan?.held.has(this.chosen) && this.open.has(this.chosen) !== open;
    if (inside) void this.turn([this.chosen], open);
    return Boolean(inside);
  }

  private shape(): Shape {
    const items: Shape['items'] = [];
    const nodes = this.outline.actions.map((action) => {
      const holder = this.names.get(action.holder);
      if (!holder) return { id: this.names.get(action.pointer)!, plan: 1, parent: null };
      if (/^(plan\/)?actions$/.test(action.block)) return { id: this.names.get(action.pointer)!, plan: 1, parent: holder };
      const [field, index] = action.block.split('/');
      const branch = `${holder}: ${WORDS[field] ?? { cases: 'case', catch: 'catch' }[field] ?? field}${index === undefined ? '' : ` ${Number(index) + 1}`}`;
      if (!this.holders.has(branch)) { this.holders.set(branch, holder); this.branches.set(branch, action.block); items.push({ id: branch, parent: holder }); }
      return { id: this.names.get(action.pointer)!, plan: 1, parent: branch };
    });
    const edges = this.outline.actions.flatMap((action) => action.waits.map((other) => ({ from: this.names.get(other)!, to: this.names.get(action.pointer)! })));
    return { version: '', letters: {}, nodes, items, edges: edges.filter(({ from, to }) => from && to && from !== to), left_out: 0 };
  }

  private title(action: OutlinedAction): string { return action.id || action.type || '?'; }

  protected name(id: string): string {
    const action = this.nodes.get(id);
    const title = action ? this.title(action) : id.split(': ').at(-1)!;
    const inside = this.plan!.held.get(id);
    return inside && !this.open.has(id) ? `⊞ ${title} ${this.count(id)}` : title;
  }

  private count(id: string): number {
    return (this.plan!.held.get(id) ?? []).reduce((sum, one) => sum + (this.nodes.has(one) ? 1 : 0) + this.count(one), 0);
  }

  protected tapped(id: string): void {
    const action = this.nodes.get(id) ?? this.nodes.get(this.holders.get(id) ?? '');
    if (action) this.commands.choose(action.pointer);
  }

  protected wanted(id: string): void { this.tapped(id); }
  protected keyed(key: KeyboardEvent): boolean { return this.commands.key(key); }

  protected paint(): void {
    const plan = this.plan!;
    const chosen = this.chosen && plan.parents.has(this.chosen) ? plan.drawn(this.chosen, this.open) : '';
    const wrong = new Set([...this.wrong].map((pointer) => this.names.get(pointer)).filter((name) => name !== undefined).map((name) => plan.drawn(name, this.open)));
    this.graph.batch(() => {
      for (const node of this.graph.nodes().toArray() as cytoscape.NodeSingular[]) {
        const id = node.id();
        const label = `${wrong.has(id) ? '✗ ' : ''}${this.name(id)}`;
        const colour = BLOCKS.has(this.nodes.get(id)?.type ?? 'sequence') ? CONTROL : PLAIN;
        if (node.data('label') !== label || node.data('colour') !== colour) node.data({ label, colour });
        if (node.hasClass('chosen') !== (id === chosen)) node.toggleClass('chosen', id === chosen);
        if (node.hasClass('wrong') !== wrong.has(id)) node.toggleClass('wrong', wrong.has(id));
        const closed = plan.held.has(id) && !this.open.has(id);
        if (node.hasClass('block') !== closed) node.toggleClass('block', closed);
      }
    });
    this.container.dataset.chosen = this.chosen;
  }

  // Moves only where what is chosen is out of sight.
  private lookAt(): void {
    if (!this.chosen || !this.plan?.parents.has(this.chosen)) return;
    const node = this.graph.getElementById(this.plan.drawn(this.chosen, this.open)) as cytoscape.NodeSingular;
    if (!node.length) return;
    const box = node.renderedBoundingBox();
    const seen = box.x1 >= 0 && box.y1 >= 0 && box.x2 <= this.container.clientWidth && box.y2 <= this.container.clientHeight && this.graph.zoom() >= READ * 0.8;
    if (!seen && this.whole() < READ) this.goTo(node as unknown as cytoscape.NodeCollection);
  }

  protected rebuilt({ zoom, pan }: { zoom: number; pan: cytoscape.Position }): void {
    if (this.shown) this.graph.viewport({ zoom, pan });
    this.fit();
    this.shown = 'yes';
    this.lookAt();
  }

  protected fit(): void {
    if (!this.graph.elements().length) return;
    this.size();
    if (this.whole() >= READ || !this.shown) this.graph.fit(undefined, 12);
    if (this.graph.zoom() > 1.15) { this.graph.zoom(1.15); this.graph.center(); }
    if (this.whole() < READ && this.graph.zoom() < READ) {
      const nodes = this.graph.nodes(':childless') as cytoscape.NodeCollection;
      if (this.first !== this.subject) { this.first = this.subject; this.goTo(nodes.slice(0, 1) as cytoscape.NodeCollection); }
    }
  }
}
