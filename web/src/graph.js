// The plan as a graph. State is told by colour and by a sign, so that nobody needs the colour.
import cytoscape from 'cytoscape';
import dagre from 'cytoscape-dagre';

cytoscape.use(dagre);

const COLOURS = {
  SUCCEEDED: '#1a7343', FAILED: '#b3261e', RUNNING: '#1d5fc4', DISPATCHED: '#1d5fc4', RECOVERING: '#8a6100',
  CANCELING: '#6b4a00', CANCELLED: '#6b4a00', WAITING: '#6d44a8', SKIPPED: '#6c757f', DROPPED: '#6c757f', READY: '#4a5560', PENDING: '#4a5560',
};
const SIGNS = { SUCCEEDED: '✓', FAILED: '✗', RUNNING: '▶', DISPATCHED: '▶', RECOVERING: '↻', CANCELING: '■', CANCELLED: '■', WAITING: '…', SKIPPED: '↷', DROPPED: '⊘', READY: '○', PENDING: '○' };
const [LEAST, MOST] = [90, 460]; // pixels of height

export class PlanGraph {
  constructor(container, onChoose) {
    this.container = container;
    this.shape = '';
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.graph = cytoscape({ container, autoungrabify: true, autounselectify: true, userZoomingEnabled: false, userPanningEnabled: false, maxZoom: 1.15, style: style(dark.matches) });
    dark.addEventListener('change', () => this.graph.style(style(dark.matches)));
    this.graph.on('tap', 'node', (tap) => onChoose(tap.target.id()));
    new ResizeObserver(() => this.fit()).observe(container);
  }

  // nodes: [{id, label, status, parent|null}], edges: [{from, to}]
  show({ nodes, edges }, criticalPath) {
    const shape = JSON.stringify([nodes.map((node) => [node.id, node.parent]), edges]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.graph.elements().remove();
      this.graph.add([
        ...nodes.map((node) => ({ data: { id: node.id, name: node.label, colour: COLOURS.PENDING, label: `${SIGNS.PENDING} ${node.label}`, width: 26 + 7.4 * node.label.length, ...(node.parent ? { parent: node.parent } : {}) } })),
        ...edges.map((edge) => ({ data: { id: `${edge.from}>${edge.to}`, source: edge.from, target: edge.to } })),
      ]);
      this.graph.layout({ name: 'dagre', rankDir: 'LR', nodeSep: 12, rankSep: 34, animate: false, fit: false }).run();
      this.fit();
    }
    const critical = new Set(criticalPath);
    this.graph.batch(() => {
      for (const node of nodes) {
        const shown = this.graph.getElementById(node.id);
        shown.data({ colour: COLOURS[node.status] ?? COLOURS.PENDING, label: `${SIGNS[node.status] ?? '○'} ${node.label}`, status: node.status });
        shown.toggleClass('critical', critical.has(node.id));
        shown.toggleClass('dropped', node.status === 'DROPPED');
        shown.toggleClass('added', node.plan > 1);
      }
      this.graph.edges().forEach((edge) => { edge.toggleClass('critical', critical.has(edge.source().id()) && critical.has(edge.target().id())); });
    });
  }

  // As high as the drawing needs at the width there is.
  fit() {
    if (!this.graph.elements().length) return;
    const box = this.graph.elements().boundingBox();
    const zoom = Math.min(1.15, (this.container.clientWidth - 24) / Math.max(box.w, 1));
    const height = `${Math.round(Math.max(LEAST, Math.min(MOST, box.h * zoom + 28)))}px`;
    if (this.container.style.height !== height) this.container.style.height = height;
    this.graph.resize();
    this.graph.fit(undefined, 12);
  }
}

function style(dark) {
  const [line, text, strong] = dark ? ['#56616d', '#c4ccd4', '#e9bd55'] : ['#a3adb8', '#3a444f', '#b07a00'];
  return [
    { selector: 'node', style: { label: 'data(label)', shape: 'round-rectangle', width: 'data(width)', height: 28, 'text-valign': 'center', color: '#fff', 'font-size': 12, 'font-family': 'system-ui, sans-serif', 'background-color': 'data(colour)' } },
    { selector: 'node.critical', style: { 'border-width': 2.5, 'border-color': strong } },
    { selector: 'node.added', style: { 'border-width': 2.5, 'border-style': 'double', 'border-color': text } },
    { selector: 'node.added.critical', style: { 'border-color': strong } },
    { selector: 'node.dropped', style: { 'background-opacity': 0.15, color: text, 'border-width': 1.5, 'border-style': 'dashed', 'border-color': line } },
    { selector: ':parent', style: { 'background-opacity': 0.1, 'text-valign': 'top', 'text-margin-y': -3, color: text, 'border-width': 1, 'border-color': 'data(colour)', padding: '10px' } },
    { selector: 'edge', style: { width: 1.5, 'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'arrow-scale': 0.9, 'line-color': line, 'target-arrow-color': line } },
    { selector: 'edge.critical', style: { width: 2.5, 'line-color': strong, 'target-arrow-color': strong } },
  ];
}
