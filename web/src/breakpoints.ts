// Where a run stops to be looked at: set and taken away in the panel of an action, or by a right click in the graph.
import { byId } from './dom.js';

interface Execution { execution_id: string; breakpoints: string[]; standing: string[]; can_stop: boolean }
type Act = (verb: string, body: object) => Promise<void>;

export class Breakpoints {
  private execution: Execution | null = null;
  private action = '';

  constructor(private readonly act: Act) {
    byId('action-stop').addEventListener('click', () => this.turn(this.action));
    byId('action-step').addEventListener('click', () => { if (this.execution) void this.act('step', { execution_id: this.execution.execution_id, action_id: this.action }); });
  }

  // Sets the breakpoint of an action, or takes it away.
  turn(action: string): void {
    if (!this.execution?.can_stop || !action) return;
    void this.act('breakpoint', { execution_id: this.execution.execution_id, action_id: action, stop: !this.execution.breakpoints.includes(action) });
  }

  // The action whose panel is open, empty if none is.
  choose(action: string): void {
    this.action = action;
    this.draw();
  }

  show(execution: Execution): void {
    this.execution = execution;
    this.draw();
  }

  private draw(): void {
    const { execution, action } = this;
    const stops = execution?.breakpoints.includes(action) ?? false;
    byId('action-stops').hidden = !action || !execution?.can_stop;
    byId('action-stop').textContent = stops ? 'Do not stop before it' : 'Stop before it';
    byId('action-stop').setAttribute('aria-pressed', String(stops));
    byId('action-step').hidden = !execution?.standing.includes(action);
  }
}
