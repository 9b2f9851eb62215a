// The plan as a graph, coloured by the state of its actions.
const COLOURS = {
  SUCCEEDED: '#2e8b57', FAILED: '#c8372d', RUNNING: '#2f6fd0', DISPATCHED: '#2f6fd0', RECOVERING: '#a87400',
  CANCELING: '#a87400', CANCELLED: '#a87400', WAITING: '#7d4fb3', SKIPPED: '#7a828c', READY: '#56616d', PENDING: '#56616d',
};

export class PlanGraph {
  constructor(container) {
    this.shape = '';
    this.graph = cytoscape({
      container, autoungrabify: true, userZoomingEnabled: false, maxZoom: 1.3,
      style: [
        { selector: 'node', style: { label: 'data(label)', shape: 'round-rectangle', width: 'label', height: 26, padding: '6px', 'text-valign': 'center', color: '#fff', 'font-size': 12, 'background-color': 'data(colour)' } },
        { selector: ':parent', style: { 'background-opacity': 0.12, 'text-valign': 'top', color: '#888', 'border-color': 'data(colour)' } },
        { selector: 'edge', style: { width: 1.5, 'curve-style': 'bezier', 'target-arrow-shape': 'triangle', 'line-color': '#8a94a0', 'target-arrow-color': '#8a94a0' } },
      ],
    });
  }

  // nodes: [{id, label, status, parent|null}], edges: [{from, to}]
  show({ nodes, edges }) {
    const shape = JSON.stringify([nodes.map((node) => [node.id, node.parent]), edges]);
    if (shape !== this.shape) {
      this.shape = shape;
      const known = new Set(nodes.map((node) => node.id));
      this.graph.elements().remove();
      this.graph.add([
        ...nodes.map((node) => ({ data: { id: node.id, label: node.label, colour: COLOURS.PENDING, ...(known.has(node.parent) ? { parent: node.parent } : {}) } })),
        ...edges.filter((edge) => known.has(edge.from) && known.has(edge.to)).map((edge) => ({ data: { id: `${edge.from}>${edge.to}`, source: edge.from, target: edge.to } })),
      ]);
      this.graph.layout({ name: 'dagre', rankDir: 'LR', nodeSep: 14, rankSep: 36, animate: false }).run();
      this.graph.fit(undefined, 12);
    }
    for (const node of nodes) this.graph.getElementById(node.id).data('colour', COLOURS[node.status] ?? COLOURS.PENDING);
  }
}
