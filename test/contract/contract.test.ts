// One contract for every AWS: the sentences of cases/ hold for the simulator, and for the emulators but for the listed
// exceptions. ALBATROSS_CONTRACT_ENDPOINT=URL runs it against another one, such as LocalStack Pro or AWS itself
// (ALBATROSS_CONTRACT_REGION, and credentials by the SDK's chain).

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { defaultWorld } from '../../src/simulator/aws/default-world.ts';
import { startAwsSimulator } from '../../src/simulator/aws/server.ts';
import { type EmulatorName, emulatorFolder, startEmulator } from '../support/emulators/start.ts';
import { Account } from './account.ts';
import type { Case } from './case.ts';
import { certificateCases } from './cases/certificates.ts';
import { dnsCases } from './cases/dns.ts';
import { listenerCases } from './cases/listeners.ts';
import { loadBalancerCases } from './cases/load-balancers.ts';
import { networkLoadBalancerCases } from './cases/network-load-balancers.ts';
import { ruleCases } from './cases/rules.ts';
import { securityGroupCases } from './cases/security-groups.ts';
import { tagCases } from './cases/tags.ts';
import { targetGroupCases } from './cases/target-groups.ts';
import { exceptions } from './exceptions.ts';

const cases: readonly Case[] = [
  ...loadBalancerCases,
  ...networkLoadBalancerCases,
  ...listenerCases,
  ...ruleCases,
  ...targetGroupCases,
  ...tagCases,
  ...securityGroupCases,
  ...certificateCases,
  ...dnsCases,
];

type Endpoint = { readonly url: string; stop(): Promise<unknown> };

const region = process.env['ALBATROSS_CONTRACT_REGION'] ?? 'us-west-2';

function contract(name: string, start: () => Promise<Endpoint>, excepted: ReadonlyMap<string, string>): void {
  suite(`${name} keeps the contract`, () => {
    let endpoint: Endpoint;
    let account: Account;
    before(async () => {
      endpoint = await start();
      const isLocal = name !== 'the endpoint';
      const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' };
      account = new Account({ endpoint: endpoint.url, region, ...(isLocal && { credentials }) });
      await account.open();
    });
    after(async () => {
      account.close();
      await endpoint.stop();
    });
    for (const { what, run } of cases) {
      test(what, async () => {
        const work = tried(run, account);
        const reason = excepted.get(what);
        if (reason === undefined) return work;
        await work.then(
          () => assert.fail(`${name} does this now: remove the exception “${reason}”`),
          () => undefined,
        );
      });
    }
  });
}

async function tried(run: Case['run'], account: Account): Promise<void> {
  try {
    await run(account);
  } finally {
    await account.cleanUp();
  }
}

test('every case has a sentence of its own, and every exception is about one', () => {
  const sentences = cases.map(({ what }) => what);
  assert.equal(new Set(sentences).size, sentences.length);
  const strange = Object.values(exceptions).flatMap((list) =>
    [...list.keys()].filter((what) => !sentences.includes(what)),
  );
  assert.deepEqual(strange, []);
});

const elsewhere = process.env['ALBATROSS_CONTRACT_ENDPOINT'];
const folder = emulatorFolder();

if (elsewhere !== undefined) {
  contract(
    'the endpoint',
    () => Promise.resolve({ url: elsewhere, stop: () => Promise.resolve() }),
    new Map(),
  );
} else {
  const simulator = async (): Promise<Endpoint> => {
    const { url, close } = await startAwsSimulator({
      world: defaultWorld({ clusterName: 'contract', region }),
      knobs: { provisioningMs: 100 },
    });
    return { url, stop: close };
  };
  contract('the simulator', simulator, new Map());
}
if (elsewhere === undefined && folder !== undefined) {
  const names: readonly EmulatorName[] = ['moto', 'ministack'];
  for (const name of names) contract(name, () => startEmulator(name, folder), exceptions[name]);
}
