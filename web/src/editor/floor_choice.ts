// Chooses a place on the map: a click, or the arrow keys and Enter, which takes what is in the middle.
import * as L from 'leaflet';
import { byId, escaped } from '../dom.js';
import { floorImage } from '../floor_image';
import type { Pose, Poses } from './schema';

let map: L.Map | null = null;
const marks = L.layerGroup();

// The name of a place or an object, a point of the floor with the direction of `before`, or null for none.
export function choosePlace(named: Poses, before: Partial<Pose>): Promise<Pose | string | null> {
  const choice = byId('floor-choice');
  let chosen: Pose | string | null = null;
  const take = (one: Pose | string): void => { chosen = one; choice.hidePopover(); };
  const takePoint = ({ lat, lng }: L.LatLng): void => take({ x: rounded(lng), y: rounded(lat), yaw: before.yaw ?? 0 });
  choice.showPopover();
  map ??= L.map(byId('floor-choice-map'), { crs: L.CRS.Simple, attributionControl: false, minZoom: 1, maxZoom: 9, zoomSnap: 0.25, zoomAnimation: false, fadeAnimation: false }).setView([0, 0], 5);
  const shown = map.off('click').on('click', (click: L.LeafletMouseEvent) => takePoint(click.latlng));
  byId('floor-choice-middle').onclick = () => takePoint(shown.getCenter());
  byId('floor-choice-map').onkeydown = (key) => {
    if (key.key !== 'Enter') return;
    key.preventDefault(); // else it also presses the button that the focus goes back to
    takePoint(shown.getCenter());
  };
  byId('floor-choice-none').onclick = () => choice.hidePopover();
  byId('floor-choice-map').focus();
  void draw(shown, named, before, take);
  return new Promise((done) => {
    const closed = (toggle: Event): void => {
      if ((toggle as ToggleEvent).newState !== 'closed') return;
      choice.removeEventListener('toggle', closed);
      done(chosen);
    };
    choice.addEventListener('toggle', closed);
  });
}

async function draw(shown: L.Map, named: Poses, before: Partial<Pose>, take: (name: string) => void): Promise<void> {
  marks.clearLayers().addTo(shown);
  for (const [name, pose] of named) {
    L.circleMarker([pose.y, pose.x], { radius: 6, color: '#56616d', weight: 2, fillOpacity: 0.3, bubblingMouseEvents: false })
      .bindTooltip(escaped(name.replaceAll('_', ' ')), { permanent: true, direction: 'right', className: 'place-label', offset: [4, 0] })
      .on('click', () => take(name)).addTo(marks);
  }
  if (before.x !== undefined && before.y !== undefined) L.circleMarker([before.y, before.x], { radius: 9, color: '#1d5fc4', weight: 3, fillOpacity: 0, interactive: false }).addTo(marks);
  const floor = await floorImage('map').catch(() => null);
  if (floor) L.imageOverlay(floor.url, floor.bounds, { className: 'floor', alt: '' }).addTo(marks);
  const bounds = floor?.bounds ?? L.latLngBounds([...named.values()].map(({ x, y }): L.LatLngTuple => [y, x]));
  if (bounds.isValid()) shown.invalidateSize().fitBounds(bounds, { animate: false, padding: [8, 8], maxZoom: 7 });
}

const rounded = (metres: number): number => Math.round(100 * metres) / 100;
