// When each action of a plan would run, and on what: one line each.
import { element } from './dom.js';

export interface Bar { action_id: string; start: number; end: number; resources: string[] }

export function drawBars(holder: HTMLElement, bars: Bar[], makespan: number, actions: number): void {
  const whole = Math.max(makespan, ...bars.map((bar) => bar.end), 0.001);
  const lines = bars.map((bar) => {
    const filled = element('i');
    filled.style.left = `${100 * bar.start / whole}%`;
    filled.style.width = `${Math.max(0.5, 100 * (bar.end - bar.start) / whole)}%`;
    const when = `${bar.start.toFixed(1)} to ${bar.end.toFixed(1)} s${bar.resources.length ? ` · ${bar.resources.join(', ')}` : ''}`;
    return element('div', {}, [element('span', { text: bar.action_id, title: bar.action_id }), element('span', { classes: 'track' }, [filled]), element('small', { text: when })]);
  });
  // The node sends no more than this of a large plan.
  const left = bars.length >= 400 && actions > bars.length ? [element('p', { classes: 'soft', text: `These are the first ${bars.length} actions.` })] : [];
  holder.replaceChildren(...lines, ...left);
}
