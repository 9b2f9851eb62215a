// Runs in a worker: a plan of a thousand actions takes a third of a second to read, and the person keeps typing.
import { outlineOf, type Outline } from './outline';

export interface Asked { version: number; text: string }
export interface Read { version: number; outline: Outline }

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  self.postMessage({ version: data.version, outline: outlineOf(data.text) } satisfies Read);
};
