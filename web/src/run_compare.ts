// Two runs side by side: how they ended, what took longer, what recovered, which figures differ.
import { address } from './address';
import { get } from './api.js';
import { byId, chip, element, moment, row, seconds } from './dom.js';

interface Recovery { action_id: string; strategy: string; because: string; took: number; helped: boolean | null }
interface Run { execution_id: string; command: string; status: string; reason: string; accepted: number; took: number; recoveries: Recovery[] }
interface Difference { subject: string; before: number | string | null; after: number | string | null; remark: string }
interface Comparison { runs: [Run, Run]; figures: Difference[]; actions: Difference[] }

export class Compared {
  private asked = 0;

  async read(before: string, after: string): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const found: Comparison = await get(`/api/runs/compare?${new URLSearchParams({ before, after })}`);
    if (mine !== this.asked) return;
    byId('compared-runs').replaceChildren(...found.runs.map(card));
    const longest = Math.max(...found.actions.flatMap(({ before: one, after: other }) => [Number(one ?? 0), Number(other ?? 0)]), 0.001);
    byId('compared-actions-none').hidden = found.actions.length > 0;
    byId('compared-actions-scroll').hidden = found.actions.length === 0;
    byId<HTMLTableElement>('compared-actions').tBodies[0].replaceChildren(...found.actions.map((one) => row([
      { text: one.subject, classes: 'name' }, bars(one, longest), { text: shown(one.before), classes: 'number' }, { text: shown(one.after), classes: 'number' }, one.remark,
    ])));
    const figures = found.figures.filter(({ remark }) => remark);
    byId('compared-figures-none').hidden = figures.length > 0;
    byId('compared-figures-scroll').hidden = figures.length === 0;
    byId<HTMLTableElement>('compared-figures').tBodies[0].replaceChildren(...figures.map((one) => row([
      one.subject.replaceAll('_', ' '), { text: figure(one.subject, one.before), classes: 'number' }, { text: figure(one.subject, one.after), classes: 'number' }, { text: one.remark, classes: 'number' },
    ])));
  }
}

function card(run: Run, place: number): HTMLElement {
  return element('section', { classes: 'card', 'aria-label': place ? 'The second run' : 'The first run' }, [
    element('div', { classes: 'title' }, [element('h3', {}, [element('a', { text: run.command || run.execution_id, href: address(run.execution_id) })]), chip(run.status)]),
    element('p', { text: `${moment(run.accepted)}, took ${seconds(run.took)}${run.reason ? `: ${run.reason}` : ''}`, classes: 'soft' }),
    run.recoveries.length
      ? element('ul', { classes: 'plain' }, run.recoveries.map((one) => element('li', { text: `${one.action_id}: ${one.strategy} against ${one.because}, ${seconds(one.took)}${one.helped === null ? '' : one.helped ? ', helped' : ', did not help'}` })))
      : element('p', { text: 'Nothing had to recover.', classes: 'soft' }),
  ]);
}

function bars(one: Difference, longest: number): HTMLElement {
  const bar = (value: number | string | null, classes: string) => {
    const made = element('i', { classes });
    made.style.width = `${100 * Number(value ?? 0) / longest}%`;
    return made;
  };
  return element('span', { classes: 'pair', 'aria-hidden': 'true' }, [bar(one.before, 'before'), bar(one.after, 'after')]);
}

const shown = (value: number | string | null) => (value === null ? '–' : seconds(Number(value)));
// A figure with its unit, which its name says.
function figure(name: string, value: number | string | null): string {
  if (typeof value !== 'number') return String(value ?? '–');
  if (/_(duration|time|wait)$/.test(name)) return seconds(value);
  if (/_(rate|efficiency)$/.test(name)) return `${Math.round(100 * value)}%`;
  const plain = value.toFixed(2).replace(/\.00$/, '');
  return name === 'throughput' ? `${plain} actions/s` : plain;
}
