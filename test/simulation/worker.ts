import { parentPort, workerData } from 'node:worker_threads';
import { exploreSeed } from './explore.ts';

const { seeds } = workerData as { readonly seeds: readonly number[] };
for (const seed of seeds) parentPort?.postMessage(await exploreSeed(seed));
