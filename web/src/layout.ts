// Runs in a worker: where the nodes of a graph go. A plan of two thousand actions takes seconds, in which the page answers.
import * as dagre from '@dagrejs/dagre';

export interface Box { id: string; width: number; height: number; parent: string | null }
export interface Wanted { id: number; boxes: Box[]; edges: [string, string][] }
export interface Placed { id: number; places: Record<string, { x: number; y: number }> }

const [BESIDE, BEHIND] = [12, 34]; // pixels between two nodes of a column, and between two columns
const FEW = 250; // nodes up to which the shortest edges are looked for

self.onmessage = ({ data }: MessageEvent<Wanted>) => {
  let places: Placed['places'];
  try {
    places = byDagre(data);
  } catch (failure) {
    // A chain of some thousand nodes is deeper than the stack.
    if (!(failure instanceof RangeError)) throw failure;
    places = inLanes(data);
  }
  self.postMessage({ id: data.id, places } satisfies Placed);
};

function byDagre({ boxes, edges }: Wanted): Placed['places'] {
  const graph = new dagre.graphlib.Graph({ compound: true });
  graph.setGraph({ rankdir: 'LR', nodesep: BESIDE, ranksep: BEHIND, ranker: boxes.length > FEW ? 'tight-tree' : 'network-simplex' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { id, parent } of boxes) if (parent) graph.setParent(id, parent);
  // dagre takes no edge of a node that holds others: it ends at the first that is held, and begins at the last.
  const [first, last] = [new Map<string, string>(), new Map<string, string>()];
  for (const { id, parent } of boxes) if (parent) { if (!first.has(parent)) first.set(parent, id); last.set(parent, id); }
  const inner = (id: string, held: Map<string, string>): string => { let at = id; while (held.has(at)) at = held.get(at)!; return at; };
  for (const [from, to] of edges) if (inner(from, last) !== inner(to, first)) graph.setEdge(inner(from, last), inner(to, first));
  dagre.layout(graph);
  return Object.fromEntries(boxes.filter(({ id }) => !first.has(id)).map(({ id }) => { const { x, y } = graph.node(id); return [id, { x, y }]; }));
}

// Each node in the column behind its last predecessor, in the row of that one if it is free.
function inLanes({ boxes, edges }: Wanted): Placed['places'] {
  const before = new Map<string, string[]>();
  for (const [from, to] of edges) before.set(to, [...(before.get(to) ?? []), from]);
  const [column, lane, taken] = [new Map<string, number>(), new Map<string, number>(), new Set<string>()];
  const holders = new Set(boxes.map(({ parent }) => parent));
  const widest = Math.max(...boxes.map(({ width }) => width)) + BEHIND;
  const tallest = Math.max(...boxes.map(({ height }) => height)) + BESIDE;
  // A plan lists an action behind those it depends on, or is laid out a little less well.
  for (const { id } of boxes.filter((box) => !holders.has(box.id))) {
    const known = (before.get(id) ?? []).filter((one) => column.has(one));
    const at = Math.max(-1, ...known.map((one) => column.get(one)!)) + 1;
    let free = known.length ? lane.get(known[0])! : 0;
    while (taken.has(`${at}/${free}`)) free += 1;
    taken.add(`${at}/${free}`);
    column.set(id, at);
    lane.set(id, free);
  }
  return Object.fromEntries([...column].map(([id, at]) => [id, { x: at * widest, y: lane.get(id)! * tallest }]));
}
