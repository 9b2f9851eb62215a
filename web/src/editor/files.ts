// What the editor opens and saves: plans of the node's folder, plans of runs, files of this computer.
import { get, post } from '../api.js';
import { asked } from '../ask';
import { element, redrawn } from '../dom.js';
import { isJson } from './outline';

export interface Opened { text: string; name: string; version: string }
interface Saved { saved: boolean; version: string; message: string }
interface Run { execution_id: string; command: string; status: string }

const EMPTY = 'version: 1\nactions:\n  - id: say\n    action_type: speak\n    parameters: {text: Hello.}\n';
const RUNNING = new Set(['PENDING', 'EXECUTING', 'PAUSED', 'PROCESSING', 'CANCELING']);

export async function opened(of: URLSearchParams): Promise<Opened> {
  const [plan, run] = [of.get('plan'), of.get('run')];
  if (plan) {
    const { text, version } = await get(`/api/plans/${encodeURIComponent(plan)}`);
    return { text, version, name: plan };
  }
  if (run) {
    const goal = await get(`/api/executions/${encodeURIComponent(run)}/goal`);
    return { text: inLines(goal.plan) || await made(run), name: '', version: '' };
  }
  return { text: EMPTY, name: '', version: '' };
}

// JSON that a program wrote on one line is written on many.
function inLines(plan: string): string {
  if (!isJson(plan) || /\n\s*"/.test(plan)) return plan;
  try { return `${JSON.stringify(JSON.parse(plan), null, 2)}\n`; } catch { return plan; }
}

// The plan that words became.
async function made(run: string): Promise<string> {
  const answer = await fetch(`/api/executions/${encodeURIComponent(run)}/report.yaml`, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`the plan of ${run} is not there`);
  return answer.text();
}

export async function folder(): Promise<{ plans: string[]; closed: string }> {
  return get('/api/plans');
}

export function offerPlans(select: HTMLSelectElement, plans: string[]): void {
  redrawn(select, plans, () => [new Option(plans.length ? 'a plan of the folder …' : 'no plan is in the folder', ''), ...plans.map((name) => new Option(name, name))]);
}

export async function offerRuns(select: HTMLSelectElement): Promise<void> {
  const { runs } = await get('/api/runs') as { runs: Run[] };
  const ended = runs.filter((run) => !RUNNING.has(run.status));
  select.replaceChildren(new Option(ended.length ? 'the plan of a run …' : 'nothing has run yet', ''), ...ended.map((run) => new Option(`${run.command || run.execution_id}`.slice(0, 60), run.execution_id)));
}

// Saves under a name; an existing plan is replaced only when a person confirms it. Null: nothing was saved.
export async function save(name: string, text: string, replaces: string): Promise<Saved | null> {
  let answer: Saved = await post('/api/plans', { name, text, replaces });
  while (!answer.saved) {
    if (!answer.version) throw new Error(answer.message);
    if (!await asked(`${answer.message}. Shall this text take its place?`, 'Replace it', 'Leave it')) return null;
    answer = await post('/api/plans', { name, text, replaces: answer.version });
  }
  return answer;
}

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  element('a', { href: address, download: name || 'plan.yaml' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
