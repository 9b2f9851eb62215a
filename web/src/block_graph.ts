// A graph of blocks that open and close, laid out in a worker; what its nodes show is its heirs' business.
import cytoscape from 'cytoscape';
import { byId } from './dom.js';
import type { Box, Placed, Wanted } from './layout';
import type { PlanShape } from './plan_shape';

const [LEAST, MOST] = [90, 460]; // pixels of height
export const READ = 0.62; // scale below which names cannot be read any more
const NEAR = 0.95; // scale at which something is followed
const STEP = 60; // pixels that an arrow key moves
const OFFERED = 40; // names in the list of what is looked for
export const HEIGHT = 28; // pixels of a node

export abstract class BlockGraph {
  protected readonly graph: cytoscape.Core;
  protected open = new Set<string>();
  protected plan: PlanShape | null = null;
  protected subject = ''; // of what it is
  private readonly layouter = new Worker('/static/layout.js');
  private drawn = ''; // what is drawn, or on its way: the nodes and the open blocks
  private box = { x1: 0, y1: 0, x2: 1, y2: 1, w: 1, h: 1 }; // of the whole drawing
  private asked = 0;
  private waiting: ((placed: Placed['places']) => void) | null = null;

  // ``prefix`` is that of the names of its buttons.
  constructor(protected readonly container: HTMLElement, private readonly prefix: string) {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.graph = cytoscape({
      container, autoungrabify: true, autounselectify: true, maxZoom: 2, minZoom: 0.02, boxSelectionEnabled: false,
      userZoomingEnabled: matchMedia('(pointer: coarse)').matches, style: style(dark.matches), pixelRatio: 'auto',
    });
    dark.addEventListener('change', () => this.graph.style(style(dark.matches)));
    this.graph.on('tap', 'node', ({ target }) => this.tapped(target.id()));
    this.graph.on('dbltap', 'node:parent', ({ target }) => void this.turn([target.id()], false));
    this.graph.on('dragpan pinchzoom scrollzoom', () => this.lookElsewhere());
    this.layouter.onmessage = ({ data }: MessageEvent<Placed>) => { if (data.id === this.asked) this.waiting?.(data.places); };
    new ResizeObserver(() => this.fit()).observe(container);
    // Content that grows above the graph moves it without the library noticing: clicks would miss the nodes.
    for (const press of ['mousedown', 'touchstart'] as const) container.parentElement!.addEventListener(press, () => this.graph.resize(), { capture: true, passive: true });
    this.setUpKeys();
    this.setUpButtons();
  }

  protected abstract name(id: string): string;
  protected abstract paint(): void;
  protected abstract tapped(id: string): void;
  protected abstract fit(): void;
  // It was drawn anew; this is what was in view before.
  protected rebuilt(before: { zoom: number; pan: cytoscape.Position }): void { void before; this.fit(); }
  protected lookElsewhere(): void { /* nothing is followed */ }
  protected wanted(id: string): void { void id; }
  // Whether a key means something else than to move what is seen.
  protected keyed(key: KeyboardEvent): boolean { void key; return false; }

  // Opens or closes blocks.
  protected async turn(blocks: string[], open: boolean): Promise<void> {
    for (const block of blocks) if (open) this.open.add(block); else this.open.delete(block);
    await this.draw();
  }

  protected async draw(): Promise<void> {
    const plan = this.plan;
    if (!plan) return;
    const ids = [...plan.parents.keys()].filter((id) => plan.drawn(id, this.open) === id);
    const edges = [...new Map(plan.shape.edges.map(({ from, to }): [string, string] => [plan.drawn(from, this.open), plan.drawn(to, this.open)])
      .filter(([from, to]) => from !== to).map((edge) => [edge.join('>'), edge])).values()];
    const drawn = JSON.stringify([this.subject, ids, ids.map((id) => plan.parents.get(id)), edges]);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      const boxes = ids.map((id): Box => ({ id, width: 30 + 7.4 * this.name(id).length, height: HEIGHT, parent: plan.parents.get(id) ?? null }));
      const places = await this.place(boxes, edges);
      if (drawn !== this.drawn) return; // another one is on its way
      this.build(boxes, edges, places);
    }
    this.paint();
    const closed = plan.blocks.filter((id) => !this.open.has(id)).length;
    this.part('blocks').hidden = !plan.blocks.length;
    this.part('open').toggleAttribute('disabled', !closed);
    this.part('close').toggleAttribute('disabled', closed === plan.blocks.length);
  }

  protected place(boxes: Box[], edges: [string, string][]): Promise<Placed['places']> {
    this.asked += 1;
    this.container.setAttribute('aria-busy', 'true');
    this.waiting?.({}); // what was asked for before is not drawn any more
    return new Promise((done) => {
      this.waiting = done;
      this.layouter.postMessage({ id: this.asked, boxes, edges } satisfies Wanted);
    });
  }

  protected build(boxes: Box[], edges: [string, string][], places: Placed['places']): void {
    const [zoom, pan] = [this.graph.zoom(), { ...this.graph.pan() }];
    this.graph.batch(() => {
      this.graph.elements().remove();
      this.graph.add([
        ...boxes.map(({ id, width, parent }) => ({ data: { id, width, colour: '#4a5560', label: '', ...(parent ? { parent } : {}) }, position: places[id] && { ...places[id] } })),
        ...edges.map(([source, target]) => ({ data: { id: `${source}>${target}`, source, target } })),
      ] as cytoscape.ElementDefinition[]);
    });
    this.box = this.graph.elements().boundingBox();
    this.container.removeAttribute('aria-busy');
    this.container.dataset.nodes = String(boxes.length);
    this.size();
    this.rebuilt({ zoom, pan });
  }

  protected goTo(nodes: cytoscape.NodeCollection): void {
    const box = nodes.boundingBox();
    const fitting = Math.min((this.container.clientWidth - 60) / Math.max(box.w, 1), (this.container.clientHeight - 40) / Math.max(box.h, 1));
    this.graph.zoom(Math.min(NEAR, Math.max(READ, fitting)));
    this.graph.center(fitting < READ ? nodes.first() : nodes);
    this.fill();
  }

  // Nothing is shown of what lies beyond the plan, where there is enough of it.
  protected fill(): void {
    const [zoom, pan] = [this.graph.zoom(), this.graph.pan()];
    const [x1, x2, y1, y2] = [this.box.x1 * zoom + pan.x, this.box.x2 * zoom + pan.x, this.box.y1 * zoom + pan.y, this.box.y2 * zoom + pan.y];
    const within = (from: number, to: number, room: number): number => {
      if (to - from + 24 <= room) return (room - to - from) / 2;
      return from > 12 ? 12 - from : Math.max(0, room - 12 - to);
    };
    this.graph.panBy({ x: within(x1, x2, this.container.clientWidth), y: within(y1, y2, this.container.clientHeight) });
  }

  protected find(words: string): void {
    const plan = this.plan;
    const wanted = words.trim().toLowerCase();
    if (!plan || !wanted) return;
    const ids = [...plan.parents.keys()];
    const found = ids.find((id) => id.toLowerCase() === wanted) ?? ids.find((id) => id.toLowerCase().includes(wanted));
    this.part('found').textContent = found ? '' : 'no action of that name';
    if (!found) return;
    this.lookElsewhere();
    void this.turn(plan.around(found), true).then(() => {
      this.graph.nodes().removeClass('found');
      const node = this.graph.getElementById(found).addClass('found');
      this.goTo(node as cytoscape.NodeCollection);
      this.container.dataset.found = found;
      this.wanted(found);
    });
  }

  protected part<T extends HTMLElement = HTMLElement>(name: string): T { return byId<T>(`${this.prefix}-${name}`); }

  private setUpButtons(): void {
    this.part('whole').addEventListener('click', () => { this.lookElsewhere(); this.graph.fit(undefined, 12); });
    this.part('in').addEventListener('click', () => this.zoom(1.4));
    this.part('out').addEventListener('click', () => this.zoom(1 / 1.4));
    this.part('open').addEventListener('click', () => void this.turn(this.plan?.blocks ?? [], true));
    this.part('close').addEventListener('click', () => void this.turn(this.plan?.blocks ?? [], false));
    const wanted = this.part<HTMLInputElement>('find');
    wanted.addEventListener('input', () => {
      const words = wanted.value.toLowerCase();
      const names = [...this.plan?.parents.keys() ?? []].filter((id) => id.toLowerCase().includes(words)).slice(0, OFFERED);
      this.part('names').replaceChildren(...names.map((name) => new Option(name, name)));
      if (names[0] === wanted.value) this.find(wanted.value);
    });
    wanted.addEventListener('keydown', (key) => { if (key.key === 'Enter') { key.preventDefault(); this.find(wanted.value); } });
  }

  // The wheel moves the page unless Ctrl is held, as on a map in a page.
  protected setUpKeys(): void {
    this.container.addEventListener('wheel', (wheel) => {
      if (!wheel.ctrlKey) return;
      wheel.preventDefault();
      const box = this.container.getBoundingClientRect();
      this.zoom(Math.exp(-wheel.deltaY / 300), { x: wheel.clientX - box.left, y: wheel.clientY - box.top });
    }, { passive: false });
    const moves: Record<string, [number, number]> = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    this.container.addEventListener('keydown', (key) => {
      if (this.keyed(key)) { key.preventDefault(); return; }
      if (key.key in moves) { const [x, y] = moves[key.key]; this.lookElsewhere(); this.graph.panBy({ x, y }); }
      else if (key.key === '+') this.zoom(1.4);
      else if (key.key === '-') this.zoom(1 / 1.4);
      else return;
      key.preventDefault();
    });
  }

  protected zoom(factor: number, at = { x: this.container.clientWidth / 2, y: this.container.clientHeight / 2 }): void {
    this.lookElsewhere();
    this.graph.zoom({ level: this.graph.zoom() * factor, renderedPosition: at });
  }

  // The scale at which all of it is in view.
  protected whole(): number {
    const { box } = this;
    return Math.min((this.container.clientWidth - 24) / Math.max(box.w, 1), (MOST - 24) / Math.max(box.h, 1));
  }

  // As high as the drawing needs at the width there is.
  protected size(): void {
    const { box } = this;
    const scale = Math.min(1.15, Math.max(READ, (this.container.clientWidth - 24) / Math.max(box.w, 1)));
    const height = `${Math.round(Math.max(LEAST, Math.min(MOST, box.h * scale + 28)))}px`;
    if (this.container.style.height !== height) this.container.style.height = height;
    this.graph.resize();
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
    { selector: 'node.wrong', style: { 'border-width': 2.5, 'border-color': '#b3261e' } },
    { selector: 'node.chosen', style: { 'outline-width': 3, 'outline-color': dark ? '#82b1ff' : '#1d5fc4', 'outline-offset': 2 } },
    { selector: 'node.target', style: { 'overlay-color': dark ? '#82b1ff' : '#1d5fc4', 'overlay-opacity': 0.25, 'overlay-padding': 5 } },
    { selector: 'edge', style: { width: 1.5, 'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'arrow-scale': 0.9, 'line-color': line, 'target-arrow-color': line } },
    { selector: 'edge.critical', style: { width: 2.5, 'line-color': strong, 'target-arrow-color': strong } },
  ] as cytoscape.StylesheetJson;
}
