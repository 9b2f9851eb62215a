// The plan as a graph. A status has a colour and a sign, so that it is readable without the colour.
import cytoscape from 'cytoscape';
import { get } from './api.js';
import { byId } from './dom.js';
import { BlockGraph, READ } from './block_graph';
import { PlanShape, type Shape } from './plan_shape';

interface States { version: string; states: string }

const COLOURS: Record<string, string> = {
  SUCCEEDED: '#1a7343', FAILED: '#b3261e', RUNNING: '#1d5fc4', DISPATCHED: '#1d5fc4', RECOVERING: '#8a6100',
  CANCELING: '#6b4a00', CANCELLED: '#6b4a00', WAITING: '#6d44a8', SKIPPED: '#6c757f', DROPPED: '#6c757f', READY: '#4a5560', PENDING: '#4a5560',
};
const SIGNS: Record<string, string> = { SUCCEEDED: '✓', FAILED: '✗', RUNNING: '▶', DISPATCHED: '▶', RECOVERING: '↻', CANCELING: '■', CANCELLED: '■', WAITING: '…', SKIPPED: '↷', DROPPED: '⊘', READY: '○', PENDING: '○' };
const BUSY = new Set(['RUNNING', 'DISPATCHED', 'RECOVERING', 'CANCELING', 'WAITING']);
export class PlanGraph extends BlockGraph {
  private states = '';
  private critical = new Set<string>();
  private stops = new Set<string>(); // actions before which the run stops
  private busy = false;
  private readonly painted = new Map<string, string>(); // what each node shows
  private paintedCritical = '';
  private following = true;
  private followed = '';

  constructor(container: HTMLElement, private readonly onChoose: (id: string) => void, onStop: (id: string) => void) {
    super(container, 'graph');
    this.graph.on('cxttap', 'node', ({ target }) => { if (this.plan?.plans.has(target.id())) onStop(target.id()); });
    container.addEventListener('contextmenu', (menu) => menu.preventDefault());
    byId('graph-follow').addEventListener('click', () => { this.follow(true); this.followed = ''; this.fit(); this.goAlong(); });
  }

  async show(execution: string, { version, states }: States, criticalPath: string[], breakpoints: string[]): Promise<void> {
    this.stops = new Set(breakpoints);
    if (this.busy) return; // a large plan is on its way; the next reading is drawn
    this.busy = true;
    try {
      await this.take(execution, version, states, criticalPath);
    } finally {
      this.busy = false;
    }
  }

  private async take(execution: string, version: string, states: string, criticalPath: string[]): Promise<void> {
    const another = execution !== this.subject;
    if (another || this.plan?.shape.version !== version) {
      const shape: Shape = await get(`/api/executions/${encodeURIComponent(execution)}/graph`);
      this.plan = new PlanShape(shape);
      if (another) {
        this.subject = execution;
        this.open = this.plan.firstOpen();
        this.follow(true);
        this.followed = '';
      }
      if (shape.version !== version) return; // it changed meanwhile: the next reading has both
    }
    this.states = states;
    this.critical = new Set(criticalPath);
    await this.draw();
    byId('graph-note').hidden = !this.plan.shape.left_out;
    byId('graph-note').textContent = this.plan.shape.left_out ? `${this.plan.shape.left_out} more actions are in the table below` : '';
  }

  protected name(id: string): string {
    const inside = this.plan!.held.get(id);
    if (!inside || this.open.has(id)) return id;
    const { done, held } = this.plan!.summary(id, this.states);
    return `⊞ ${id} ${done}/${held}`;
  }

  // Only what has changed is drawn: a plan has thousands of nodes and edges.
  protected paint(): void {
    const plan = this.plan!;
    const critical = [...this.critical].join(' ');
    this.graph.batch(() => {
      for (const node of this.graph.nodes().toArray() as cytoscape.NodeSingular[]) {
        const id = node.id();
        const { status } = plan.summary(id, this.states);
        const label = `${this.stops.has(id) ? '‖ ' : ''}${SIGNS[status] ?? '○'} ${this.name(id)}`;
        const shown = `${status} ${label} ${this.critical.has(id)}`;
        if (this.painted.get(id) === shown) continue;
        this.painted.set(id, shown);
        node.data({ colour: COLOURS[status] ?? COLOURS.PENDING, label, status });
        node.toggleClass('critical', this.critical.has(id));
        node.toggleClass('dropped', status === 'DROPPED');
        node.toggleClass('added', (plan.plans.get(id) ?? 1) > 1);
        node.toggleClass('stop', this.stops.has(id));
        node.toggleClass('block', plan.held.has(id) && !this.open.has(id));
      }
      if (critical === this.paintedCritical) return;
      this.paintedCritical = critical;
      this.graph.edges().forEach((edge) => { edge.toggleClass('critical', this.critical.has(edge.source().id()) && this.critical.has(edge.target().id())); });
    });
    this.goAlong();
  }

  private follow(yes: boolean): void {
    this.following = yes;
    byId('graph-follow').setAttribute('aria-pressed', String(yes));
  }

  // A plan that cannot be read as a whole is shown where it runs.
  private goAlong(): void {
    if (!this.following || this.whole() >= READ) return;
    const nodes = this.graph.nodes(':childless') as cytoscape.NodeCollection;
    let there: cytoscape.NodeCollection = nodes.filter((node) => BUSY.has(node.data('status')));
    if (!there.length) there = nodes.filter((node) => node.data('status') === 'FAILED').slice(-1);
    if (!there.length) there = nodes.filter((node) => node.data('status') === 'PENDING').slice(0, 1);
    if (!there.length) there = nodes.slice(-1);
    const marks = there.map((node) => node.id()).join(' ');
    if (marks === this.followed) return;
    this.followed = marks;
    this.goTo(there);
  }

  protected tapped(id: string): void {
    if (this.plan?.held.has(id) && !this.open.has(id)) void this.turn([id], true);
    else if (this.plan?.plans.has(id)) this.onChoose(id);
  }

  protected lookElsewhere(): void { this.follow(false); }

  protected rebuilt({ zoom, pan }: { zoom: number; pan: cytoscape.Position }): void {
    this.painted.clear();
    this.paintedCritical = '';
    if (this.following) { this.followed = ''; this.fit(); } else this.graph.viewport({ zoom, pan });
  }

  protected fit(): void {
    if (!this.graph.elements().length) return;
    this.size();
    if (!this.following) return;
    if (this.whole() < READ) { this.followed = ''; this.goAlong(); return; }
    this.graph.fit(undefined, 12);
    if (this.graph.zoom() > 1.15) { this.graph.zoom(1.15); this.graph.center(); }
  }
}
