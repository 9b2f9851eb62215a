// The feedback of a server on a running goal: how far it had come over time, and its phases.
import { element, seconds } from './dom.js';

export type FeedbackPoint = [at: number, progress: number | null, phase: string, remaining: number | null];

const [WIDE, HIGH] = [300, 40]; // units of the drawing; it is stretched to the width there is
const percent = (share: number): string => `${Math.round(100 * share)}%`;

export function course(name: string, feedback: FeedbackPoint[], running: boolean): HTMLElement {
  const [at, , phase, remaining] = feedback.at(-1)!;
  const points = feedback.filter(([, progress]) => progress !== null) as [number, number, string, number | null][];
  const phases = feedback.filter(([, , here], index) => here && here !== feedback[index - 1]?.[2]).map(([when, , here]) => `${here} from ${seconds(Math.max(0, when))}`);
  const last = points.at(-1);
  const newest = [last && percent(last[1]), running && phase, running && remaining !== null && `about ${seconds(remaining)} left`].filter(Boolean).join(', ');
  const words = `${name}: ${newest || phase}${newest || phase ? ' ' : ''}after ${seconds(at)}`;
  const figure = element('figure', { classes: 'course' }, [element('figcaption', { text: words })]);
  if (points.length > 1) figure.append(line(points, `${words}; from ${percent(points[0][1])} to ${percent(last![1])}`));
  if (phases.length) figure.append(element('p', { classes: 'soft', text: phases.join(', ') }));
  return figure;
}

function line(points: [number, number, ...unknown[]][], words: string): SVGElement {
  const until = points.at(-1)![0] || 1;
  const svg = (tag: string, attributes: Record<string, string>): SVGElement => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const drawn = svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words });
  drawn.append(svg('polyline', { points: points.map(([at, progress]) => `${(WIDE * Math.max(0, at) / until).toFixed(1)},${(HIGH * (1 - progress)).toFixed(1)}`).join(' ') }));
  return drawn;
}
