import { parentPort } from 'node:worker_threads';
import { exploreSeed } from './explore.ts';

parentPort?.on('message', (seed: number) => {
  void exploreSeed(seed).then((tally) => parentPort?.postMessage(tally));
});
