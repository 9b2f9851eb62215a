// Which nodes of a plan's graph are drawn: a closed block stands for all that it holds.
export interface ShapeNode { id: string; plan: number; parent: string | null }
export interface Shape {
  version: string; letters: Record<string, string>; nodes: ShapeNode[]; items: { id: string; parent: string }[]; edges: { from: string; to: string }[]; left_out: number;
}

const READABLE = 120; // nodes that are drawn at once unless a person opens more
const OVER = new Set(['SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED', 'DROPPED']);
const BUSY = ['RECOVERING', 'RUNNING', 'DISPATCHED', 'CANCELING', 'WAITING', 'READY'];

export interface Summary { status: string; done: number; held: number }

export class PlanShape {
  readonly parents = new Map<string, string | null>();
  readonly held = new Map<string, string[]>(); // by the block that holds them
  readonly plans = new Map<string, number>();
  private readonly places = new Map<string, number>(); // in the text of the states

  constructor(readonly shape: Shape) {
    for (const { id, parent } of shape.items) this.parents.set(id, parent);
    shape.nodes.forEach(({ id, parent, plan }, place) => { this.parents.set(id, parent); this.plans.set(id, plan); this.places.set(id, place); });
    for (const [id, parent] of this.parents) if (parent !== null) this.held.set(parent, [...(this.held.get(parent) ?? []), id]);
  }

  get blocks(): string[] { return [...this.held.keys()]; }

  // The blocks that are open at first: from outside inwards, as long as the nodes stay distinguishable.
  firstOpen(): Set<string> {
    const open = new Set<string>();
    let level = [...this.parents.keys()].filter((id) => this.parents.get(id) === null);
    for (let count = level.length; level.length;) {
      const next = level.filter((id) => this.held.has(id));
      const inside = next.flatMap((id) => this.held.get(id)!);
      count += inside.length;
      if (count > READABLE) break;
      next.forEach((id) => open.add(id));
      level = inside;
    }
    return open;
  }

  // The node that stands for another: itself, or the outermost closed block around it.
  drawn(id: string, open: Set<string>): string {
    let stands = id;
    for (let at = this.parents.get(id); at; at = this.parents.get(at)) if (!open.has(at)) stands = at;
    return stands;
  }

  around(id: string): string[] {
    const found = [];
    for (let at = this.parents.get(id); at; at = this.parents.get(at)) found.push(at);
    return found;
  }

  status(id: string, states: string): string {
    return this.shape.letters[states[this.places.get(id) ?? -1]] ?? '';
  }

  // What a block is doing, and how much of it is done. The item of a loop has no status of its own.
  summary(id: string, states: string): Summary {
    const inside = this.held.get(id) ?? [];
    const leaves = inside.map((one) => this.summary(one, states));
    const [held, done] = [leaves.reduce((sum, one) => sum + Math.max(1, one.held), 0), leaves.reduce((sum, one) => sum + (one.held ? one.done : Number(OVER.has(one.status))), 0)];
    return { status: this.status(id, states) || together(leaves.map(({ status }) => status)), done, held };
  }
}

function together(statuses: string[]): string {
  const busy = BUSY.find((one) => statuses.includes(one));
  if (busy) return busy;
  if (statuses.includes('FAILED')) return 'FAILED';
  return statuses.length && statuses.every((one) => OVER.has(one)) ? 'SUCCEEDED' : 'PENDING';
}
