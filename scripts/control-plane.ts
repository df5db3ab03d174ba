// Makes sure that the executables of the real control plane are in the cache, and prints where each of them is.

import { buildBinaries, buildObstacle, findBinaries } from '../test/support/cluster/binaries.ts';

const obstacle = findBinaries() === undefined ? await buildObstacle() : undefined;
if (obstacle !== undefined) {
  console.error(`control plane: ${obstacle}`);
  process.exit(1);
}
const binaries = await buildBinaries((line) => console.error(`control plane: ${line}`));
for (const [name, path] of Object.entries(binaries)) console.log(`${name.padEnd(24)} ${path}`);
