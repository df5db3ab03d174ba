// The emulators themselves: what the contract suite may count on before it compares anything.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { type EmulatorName, emulatorFolder, startEmulator } from '../support/emulators/start.ts';

const names: readonly EmulatorName[] = ['moto', 'ministack'];

for (const name of names) {
  test(`${name} starts on a loopback port and answers the AWS SDK`, async (context) => {
    const folder = emulatorFolder();
    assert.ok(folder, 'ALBATROSS_EMULATORS is not set; run "npm test -- emulators"');
    const emulator = await startEmulator(name, folder);
    context.after(() => emulator.stop());
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new EC2Client({ endpoint: emulator.url, region: 'us-west-2', credentials });
    const { Subnets: subnets = [] } = await client.send(new DescribeSubnetsCommand({}));
    assert.ok(subnets.length > 0, 'the default VPC has subnets');
    client.destroy();
  });
}
