// One control plane for all test files of a process: the suite in test/cluster/ runs in a single process, so it pays for
// one start. Tests keep apart by namespaces of their own.

import { after } from 'node:test';
import { type Cluster, startCluster } from './start.ts';

let starting: Promise<Cluster> | undefined;

/** The process's cluster, started by the first caller and stopped after the last test. */
export function sharedCluster(): Promise<Cluster> {
  starting ??= startCluster();
  return starting;
}

after(async () => {
  await (await starting)?.stop();
});
