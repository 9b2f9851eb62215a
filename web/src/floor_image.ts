// The map or a costmap as a picture. Coordinates are metres in the map frame; Leaflet's are (y, x).
import * as L from 'leaflet';

interface GridAbout { resolution: number; width: number; height: number; x: number; y: number; yaw: number }
export interface FloorImage { url: string; bounds: L.LatLngBounds }

const at = (x: number, y: number): L.LatLng => L.latLng(y, x);

// Reads a layer; null if nothing was published of it yet.
export async function floorImage(layer: string): Promise<FloorImage | null> {
  const answer = await fetch(`/api/floor/${layer}`, { cache: 'no-store' });
  if (answer.status !== 200) return null;
  const about = JSON.parse(answer.headers.get('x-grid') ?? '{}') as GridAbout;
  const [url, bounds] = drawn(new Int8Array(await answer.arrayBuffer()), about);
  return { url, bounds };
}

// The cells as a picture, turned into the map's frame, and where its corners are.
function drawn(cells: Int8Array, { resolution, width, height, x, y, yaw }: GridAbout): [string, L.LatLngBounds] {
  const plain = document.createElement('canvas');
  [plain.width, plain.height] = [width, height];
  const pen = plain.getContext('2d') as CanvasRenderingContext2D;
  const picture = pen.createImageData(width, height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const value = cells[row * width + column];
      const shade = value < 0 ? 205 : 250 - Math.round(2.1 * Math.min(value, 100));
      picture.data.set([shade, shade, value < 0 ? 210 : shade, 255], 4 * ((height - 1 - row) * width + column));
    }
  }
  pen.putImageData(picture, 0, 0);
  const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
  const [across, up] = [width * resolution, height * resolution];
  const corners = [[0, 0], [across, 0], [0, up], [across, up]].map(([a, b]) => [x + a * cos - b * sin, y + a * sin + b * cos]);
  const [xs, ys] = [corners.map((one) => one[0]), corners.map((one) => one[1])];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const bounds = L.latLngBounds(at(left, low), at(right, high));
  if (Math.abs(yaw) < 1e-4) return [plain.toDataURL(), bounds];
  const turned = document.createElement('canvas');
  turned.width = Math.ceil((right - left) / resolution);
  turned.height = Math.ceil((high - low) / resolution);
  const brush = turned.getContext('2d') as CanvasRenderingContext2D;
  brush.imageSmoothingEnabled = false;
  brush.translate((x - left) / resolution, (high - y) / resolution);
  brush.rotate(-yaw);
  brush.drawImage(plain, 0, -height);
  return [turned.toDataURL(), bounds];
}
