// The plan as a graph. State is told by colour and by a sign, so that nobody needs the colour.
import cytoscape from 'cytoscape';
import { get } from './api.js';
import { byId } from './dom.js';
import type { Box, Placed, Wanted } from './layout';
import { PlanShape, type Shape } from './plan_shape';

interface States { version: string; states: string }

const COLOURS: Record<string, string> = {
  SUCCEEDED: '#1a7343', FAILED: '#b3261e', RUNNING: '#1d5fc4', DISPATCHED: '#1d5fc4', RECOVERING: '#8a6100',
  CANCELING: '#6b4a00', CANCELLED: '#6b4a00', WAITING: '#6d44a8', SKIPPED: '#6c757f', DROPPED: '#6c757f', READY: '#4a5560', PENDING: '#4a5560',
};
const SIGNS: Record<string, string> = { SUCCEEDED: '✓', FAILED: '✗', RUNNING: '▶', DISPATCHED: '▶', RECOVERING: '↻', CANCELING: '■', CANCELLED: '■', WAITING: '…', SKIPPED: '↷', DROPPED: '⊘', READY: '○', PENDING: '○' };
const BUSY = new Set(['RUNNING', 'DISPATCHED', 'RECOVERING', 'CANCELING', 'WAITING']);
const [LEAST, MOST] = [90, 460]; // pixels of height
const READ = 0.62; // scale below which names cannot be read any more
const NEAR = 0.95; // scale at which something is followed
const STEP = 60; // pixels that an arrow key moves
const OFFERED = 40; // names in the list of what is looked for
const HEIGHT = 28; // pixels of a node

export class PlanGraph {
  private readonly graph: cytoscape.Core;
  private readonly layouter = new Worker('/static/layout.js');
  private plan: PlanShape | null = null;
  private states = '';
  private critical = new Set<string>();
  private open = new Set<string>();
  private execution = '';
  private drawn = ''; // what is drawn, or on its way: the nodes and the open blocks
  private stops = new Set<string>(); // actions before which the run stops
  private busy = false;
  private readonly painted = new Map<string, string>(); // what each node shows
  private paintedCritical = '';
  private box = { x1: 0, y1: 0, x2: 1, y2: 1, w: 1, h: 1 }; // of the whole drawing
  private asked = 0;
  private waiting: ((placed: Placed['places']) => void) | null = null;
  private following = true;
  private followed = '';

  constructor(private readonly container: HTMLElement, onChoose: (id: string) => void, onStop: (id: string) => void) {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.graph = cytoscape({
      container, autoungrabify: true, autounselectify: true, maxZoom: 2, minZoom: 0.02, boxSelectionEnabled: false,
      userZoomingEnabled: matchMedia('(pointer: coarse)').matches, style: style(dark.matches), pixelRatio: 'auto',
    });
    dark.addEventListener('change', () => this.graph.style(style(dark.matches)));
    this.graph.on('tap', 'node', ({ target }) => {
      const id = target.id();
      if (this.plan?.held.has(id) && !this.open.has(id)) void this.turn([id], true);
      else if (this.plan?.plans.has(id)) onChoose(id);
    });
    this.graph.on('cxttap', 'node', ({ target }) => { if (this.plan?.plans.has(target.id())) onStop(target.id()); });
    container.addEventListener('contextmenu', (menu) => menu.preventDefault());
    this.graph.on('dbltap', 'node:parent', ({ target }) => void this.turn([target.id()], false));
    this.graph.on('dragpan pinchzoom scrollzoom', () => this.follow(false));
    this.layouter.onmessage = ({ data }: MessageEvent<Placed>) => { if (data.id === this.asked) this.waiting?.(data.places); };
    new ResizeObserver(() => this.fit()).observe(container);
    // What grows above the graph moves it, which the library would not notice: clicks would go beside the nodes.
    for (const press of ['mousedown', 'touchstart'] as const) container.parentElement!.addEventListener(press, () => this.graph.resize(), { capture: true, passive: true });
    this.setUpKeys();
    this.setUpButtons();
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
    const another = execution !== this.execution;
    if (another || this.plan?.shape.version !== version) {
      const shape: Shape = await get(`/api/executions/${encodeURIComponent(execution)}/graph`);
      this.plan = new PlanShape(shape);
      if (another) {
        this.execution = execution;
        this.open = this.plan.firstOpen();
        this.follow(true);
        this.followed = '';
      }
      if (shape.version !== version) return; // it changed meanwhile: the next reading has both
    }
    this.states = states;
    this.critical = new Set(criticalPath);
    await this.draw();
  }

  // Opens or closes blocks.
  private async turn(blocks: string[], open: boolean): Promise<void> {
    for (const block of blocks) if (open) this.open.add(block); else this.open.delete(block);
    await this.draw();
  }

  private async draw(): Promise<void> {
    const plan = this.plan;
    if (!plan) return;
    const ids = [...plan.parents.keys()].filter((id) => plan.drawn(id, this.open) === id);
    const edges = [...new Map(plan.shape.edges.map(({ from, to }): [string, string] => [plan.drawn(from, this.open), plan.drawn(to, this.open)])
      .filter(([from, to]) => from !== to).map((edge) => [edge.join('>'), edge])).values()];
    const drawn = JSON.stringify([this.execution, ids, edges]);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      const boxes = ids.map((id): Box => ({ id, width: 30 + 7.4 * this.name(id).length, height: HEIGHT, parent: plan.parents.get(id) ?? null }));
      const places = await this.place(boxes, edges);
      if (drawn !== this.drawn) return; // another one is on its way
      this.build(boxes, edges, places);
    }
    this.paint();
    this.goAlong();
    const closed = plan.blocks.filter((id) => !this.open.has(id)).length;
    byId('graph-blocks').hidden = !plan.blocks.length;
    byId('graph-open').toggleAttribute('disabled', !closed);
    byId('graph-close').toggleAttribute('disabled', closed === plan.blocks.length);
    byId('graph-note').hidden = !plan.shape.left_out;
    byId('graph-note').textContent = plan.shape.left_out ? `${plan.shape.left_out} more actions are in the table below` : '';
  }

  private place(boxes: Box[], edges: [string, string][]): Promise<Placed['places']> {
    this.asked += 1;
    this.container.setAttribute('aria-busy', 'true');
    this.waiting?.({}); // what was asked for before is not drawn any more
    return new Promise((done) => {
      this.waiting = done;
      this.layouter.postMessage({ id: this.asked, boxes, edges } satisfies Wanted);
    });
  }

  private build(boxes: Box[], edges: [string, string][], places: Placed['places']): void {
    const [zoom, pan] = [this.graph.zoom(), { ...this.graph.pan() }];
    this.graph.batch(() => {
      this.graph.elements().remove();
      this.graph.add([
        ...boxes.map(({ id, width, parent }) => ({ data: { id, width, colour: COLOURS.PENDING, label: '', ...(parent ? { parent } : {}) }, position: places[id] && { ...places[id] } })),
        ...edges.map(([source, target]) => ({ data: { id: `${source}>${target}`, source, target } })),
      ] as cytoscape.ElementDefinition[]);
    });
    this.painted.clear();
    this.paintedCritical = '';
    this.box = this.graph.elements().boundingBox();
    this.container.removeAttribute('aria-busy');
    this.container.dataset.nodes = String(boxes.length);
    this.size();
    if (this.following) { this.followed = ''; this.fit(); } else this.graph.viewport({ zoom, pan });
  }

  private name(id: string): string {
    const inside = this.plan!.held.get(id);
    if (!inside || this.open.has(id)) return id;
    const { done, held } = this.plan!.told(id, this.states);
    return `⊞ ${id} ${done}/${held}`;
  }

  // Only what has changed is drawn: a plan has thousands of nodes and edges.
  private paint(): void {
    const plan = this.plan!;
    const critical = [...this.critical].join(' ');
    this.graph.batch(() => {
      for (const node of this.graph.nodes().toArray() as cytoscape.NodeSingular[]) {
        const id = node.id();
        const { status } = plan.told(id, this.states);
        const label = `${this.stops.has(id) ? '⏸ ' : ''}${SIGNS[status] ?? '○'} ${this.name(id)}`;
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

  private goTo(nodes: cytoscape.NodeCollection): void {
    const box = nodes.boundingBox();
    const fitting = Math.min((this.container.clientWidth - 60) / Math.max(box.w, 1), (this.container.clientHeight - 40) / Math.max(box.h, 1));
    this.graph.zoom(Math.min(NEAR, Math.max(READ, fitting)));
    this.graph.center(fitting < READ ? nodes.first() : nodes);
    this.fill();
  }

  // Nothing is shown of what lies beyond the plan, where there is enough of it.
  private fill(): void {
    const [zoom, pan] = [this.graph.zoom(), this.graph.pan()];
    const [x1, x2, y1, y2] = [this.box.x1 * zoom + pan.x, this.box.x2 * zoom + pan.x, this.box.y1 * zoom + pan.y, this.box.y2 * zoom + pan.y];
    const within = (from: number, to: number, room: number): number => {
      if (to - from + 24 <= room) return (room - to - from) / 2;
      return from > 12 ? 12 - from : Math.max(0, room - 12 - to);
    };
    this.graph.panBy({ x: within(x1, x2, this.container.clientWidth), y: within(y1, y2, this.container.clientHeight) });
  }

  private find(words: string): void {
    const plan = this.plan;
    const wanted = words.trim().toLowerCase();
    if (!plan || !wanted) return;
    const ids = [...plan.parents.keys()];
    const found = ids.find((id) => id.toLowerCase() === wanted) ?? ids.find((id) => id.toLowerCase().includes(wanted));
    byId('graph-found').textContent = found ? '' : 'no action of that name';
    if (!found) return;
    this.follow(false);
    void this.turn(plan.around(found), true).then(() => {
      this.graph.nodes().removeClass('found');
      const node = this.graph.getElementById(found).addClass('found');
      this.goTo(node as cytoscape.NodeCollection);
      this.container.dataset.found = found;
    });
  }

  private setUpButtons(): void {
    byId('graph-follow').addEventListener('click', () => { this.follow(true); this.followed = ''; this.fit(); this.goAlong(); });
    byId('graph-whole').addEventListener('click', () => { this.follow(false); this.graph.fit(undefined, 12); });
    byId('graph-in').addEventListener('click', () => this.zoom(1.4));
    byId('graph-out').addEventListener('click', () => this.zoom(1 / 1.4));
    byId('graph-open').addEventListener('click', () => void this.turn(this.plan?.blocks ?? [], true));
    byId('graph-close').addEventListener('click', () => void this.turn(this.plan?.blocks ?? [], false));
    const wanted = byId<HTMLInputElement>('graph-find');
    wanted.addEventListener('input', () => {
      const words = wanted.value.toLowerCase();
      const names = [...this.plan?.parents.keys() ?? []].filter((id) => id.toLowerCase().includes(words)).slice(0, OFFERED);
      byId('graph-names').replaceChildren(...names.map((name) => new Option(name, name)));
      if (names[0] === wanted.value) this.find(wanted.value);
    });
    wanted.addEventListener('keydown', (key) => { if (key.key === 'Enter') { key.preventDefault(); this.find(wanted.value); } });
  }

  // The wheel moves the page unless Ctrl is held, as on a map in a page.
  private setUpKeys(): void {
    this.container.addEventListener('wheel', (wheel) => {
      if (!wheel.ctrlKey) return;
      wheel.preventDefault();
      const box = this.container.getBoundingClientRect();
      this.zoom(Math.exp(-wheel.deltaY / 300), { x: wheel.clientX - box.left, y: wheel.clientY - box.top });
    }, { passive: false });
    const moves: Record<string, [number, number]> = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    this.container.addEventListener('keydown', (key) => {
      if (key.key in moves) { const [x, y] = moves[key.key]; this.follow(false); this.graph.panBy({ x, y }); }
      else if (key.key === '+') this.zoom(1.4);
      else if (key.key === '-') this.zoom(1 / 1.4);
      else return;
      key.preventDefault();
    });
  }

  private zoom(factor: number, at = { x: this.container.clientWidth / 2, y: this.container.clientHeight / 2 }): void {
    this.follow(false);
    this.graph.zoom({ level: this.graph.zoom() * factor, renderedPosition: at });
  }

  // The scale at which all of it is in view.
  private whole(): number {
    const { box } = this;
    return Math.min((this.container.clientWidth - 24) / Math.max(box.w, 1), (MOST - 24) / Math.max(box.h, 1));
  }

  // As high as the drawing needs at the width there is.
  private size(): void {
    const { box } = this;
    const scale = Math.min(1.15, Math.max(READ, (this.container.clientWidth - 24) / Math.max(box.w, 1)));
    const height = `${Math.round(Math.max(LEAST, Math.min(MOST, box.h * scale + 28)))}px`;
    if (this.container.style.height !== height) this.container.style.height = height;
    this.graph.resize();
  }

  private fit(): void {
    if (!this.graph.elements().length) return;
    this.size();
    if (!this.following) return;
    if (this.whole() < READ) { this.followed = ''; this.goAlong(); return; }
    this.graph.fit(undefined, 12);
    if (this.graph.zoom() > 1.15) { this.graph.zoom(1.15); this.graph.center(); }
  }
}

function style(dark: boolean): cytoscape.StylesheetJson {
  const [line, text, strong] = dark ? ['#56616d', '#c4ccd4', '#e9bd55'] : ['#a3adb8', '#3a444f', '#b07a00'];
  return [
    { selector: 'node', style: { label: 'data(label)', shape: 'round-rectangle', width: 'data(width)', height: HEIGHT, 'text-valign': 'center', color: '#fff', 'font-size': 12, 'font-family': 'system-ui, sans-serif', 'background-color': 'data(colour)', 'min-zoomed-font-size': 5 } },
    { selector: 'node.block', style: { shape: 'cut-rectangle', 'border-width': 1.5, 'border-color': text } },
    { selector: 'node.critical', style: { 'border-width': 2.5, 'border-color': strong } },
    { selector: 'node.added', style: { 'border-width': 2.5, 'border-style': 'double', 'border-color': text } },
    { selector: 'node.added.critical', style: { 'border-color': strong } },
    { selector: 'node.dropped', style: { 'background-opacity': 0.15, color: text, 'border-width': 1.5, 'border-style': 'dashed', 'border-color': line } },
    { selector: ':parent', style: { 'background-opacity': 0.1, 'text-valign': 'top', 'text-margin-y': -3, color: text, 'border-width': 1, 'border-color': 'data(colour)', padding: '10px' } },
    { selector: 'node.stop', style: { 'border-width': 3, 'border-color': '#b3261e' } },
    { selector: 'node.found', style: { 'outline-width': 4, 'outline-color': strong, 'outline-offset': 2 } },
    { selector: 'edge', style: { width: 1.5, 'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'arrow-scale': 0.9, 'line-color': line, 'target-arrow-color': line } },
    { selector: 'edge.critical', style: { width: 2.5, 'line-color': strong, 'target-arrow-color': strong } },
  ] as cytoscape.StylesheetJson;
}
