// What many runs say, in pictures: durations of each capability, how the runs of each week ended, where recoveries were.
import * as L from 'leaflet';
import { address } from './address';
import { byId, counted, element, escaped, seconds, tone, words } from './dom.js';
import { floorImage } from './floor_image';

interface Distribution { capability: string; succeeded: number; failed: number; median: number; p90: number; shortest: number; longest: number; bins: number[] }
interface Week { monday: string; ended: Record<string, number> }
interface Recovered { execution_id: string; action_id: string; strategy: string; because: string; helped: boolean | null; x: number; y: number }
export interface Statistics { total: number; read: number; capabilities: Distribution[]; weeks: Week[]; recoveries: Recovered[] }

const ORDER = ['COMPLETED', 'PARTIALLY_COMPLETED', 'CANCELLED', 'FAILED'];
const HELPED = new Map([[true, 'it helped'], [false, 'it did not help'], [null, 'nobody knows whether it helped']]);

export class Charts {
  private map: L.Map | null = null;
  private floor: L.LatLngBounds | null = null; // where the map of the robot is
  private readonly marks = L.layerGroup();

  show({ total, read, capabilities, weeks, recoveries }: Statistics): void {
    byId('statistics-note').textContent = read === 0 ? 'No run that has ended is among them: take a filter away.'
      : read < total ? `of the newest ${read} of ${total} runs that match` : `of ${counted(read, 'run')}`;
    byId('statistics').hidden = read === 0;
    if (!read) return;
    byId('durations').replaceChildren(...capabilities.map(distribution));
    byId('weeks').replaceChildren(...weeks.map(week));
    byId('recoveries-none').hidden = recoveries.length > 0;
    byId('recoveries-map').hidden = recoveries.length === 0;
    if (recoveries.length) void this.drawPlaces(recoveries);
  }

  private async drawPlaces(recoveries: Recovered[]): Promise<void> {
    if (!this.map) {
      this.map = L.map(byId('recoveries-map'), { crs: L.CRS.Simple, attributionControl: false, minZoom: -2, maxZoom: 9, zoomSnap: 0.25 });
      this.marks.addTo(this.map);
      const floor = await floorImage('map').catch(() => null);
      if (floor) L.imageOverlay(floor.url, floor.bounds, { className: 'floor' }).addTo(this.map);
      this.floor = floor?.bounds ?? null;
    }
    this.marks.clearLayers();
    const places = new Map<string, Recovered[]>();
    for (const one of recoveries) {
      const at = `${one.x.toFixed(1)} ${one.y.toFixed(1)}`;
      places.set(at, [...(places.get(at) ?? []), one]);
    }
    for (const here of places.values()) {
      const [{ x, y }] = here;
      const failed = here.some(({ helped }) => helped === false);
      L.circleMarker([y, x], { radius: 6 + 4 * Math.log2(here.length), color: failed ? '#b3261e' : '#8a6100', fillOpacity: 0.45, weight: 2 })
        .bindPopup(here.slice(0, 8).map((one) => `<a href="${escaped(address(one.execution_id, one.action_id))}">${escaped(one.action_id)}</a>: ${escaped(one.strategy)} against ${escaped(one.because)}, ${HELPED.get(one.helped)}`).join('<br>') + (here.length > 8 ? `<br>and ${here.length - 8} more` : ''))
        .bindTooltip(counted(here.length, 'recovery', 'recoveries')).addTo(this.marks);
    }
    byId('recoveries-map').dataset.places = String(places.size);
    this.map.invalidateSize();
    const seen = L.latLngBounds(recoveries.map(({ x, y }) => [y, x])).pad(0.3);
    this.map.fitBounds(this.floor ? seen.extend(this.floor) : seen, { animate: false, padding: [8, 8], maxZoom: 6 });
  }
}

function distribution(one: Distribution): HTMLElement {
  const most = Math.max(...one.bins, 1);
  const width = (one.longest - one.shortest) / one.bins.length;
  const bars = one.bins.map((count, index) => {
    const bar = element('i', { title: `${count} took ${seconds(one.shortest + index * width)} to ${seconds(one.shortest + (index + 1) * width)}` });
    bar.style.height = count ? `${Math.max(6, 100 * count / most)}%` : '0';
    return bar;
  });
  const words = one.succeeded ? `median ${seconds(one.median)}, nine of ten within ${seconds(one.p90)}` : 'none succeeded';
  const rate = Math.round(100 * one.succeeded / Math.max(1, one.succeeded + one.failed));
  return element('figure', { classes: 'distribution' }, [
    element('figcaption', {}, [element('strong', { text: one.capability }), element('span', { text: ` ${counted(one.succeeded + one.failed, 'attempt')}, ${rate}% succeeded; ${words}`, classes: 'soft' })]),
    element('div', { classes: 'bins', role: 'img', 'aria-label': `Distribution of ${one.succeeded} durations of ${one.capability}: ${words}, ${seconds(one.shortest)} to ${seconds(one.longest)}` }, bars),
    element('div', { classes: 'ends soft', 'aria-hidden': 'true' }, [element('span', { text: one.succeeded ? seconds(one.shortest) : '' }), element('span', { text: one.longest > one.shortest ? seconds(one.longest) : '' })]),
  ]);
}

function week({ monday, ended }: Week): HTMLElement {
  const all = Object.values(ended).reduce((sum, count) => sum + count, 0);
  const done = ended.COMPLETED ?? 0;
  const parts = ORDER.filter((status) => ended[status]).map((status) => {
    const part = element('i', { classes: tone(status) || 'none', title: `${ended[status]} ${words(status)}` });
    part.style.flexGrow = String(ended[status]);
    return part;
  });
  const label = ORDER.filter((status) => ended[status]).map((status) => `${ended[status]} ${words(status)}`).join(', ');
  return element('li', {}, [
    element('span', { text: `week of ${monday}`, classes: 'time' }), element('strong', { text: `${Math.round(100 * done / Math.max(1, all))}%`, classes: 'number' }),
    element('span', { classes: 'stack', role: 'img', 'aria-label': label }, parts), element('span', { text: label, classes: 'soft' }),
  ]);
}
