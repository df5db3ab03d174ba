// Neither region nor VPC is given: the instance that the controller runs on and the nodes of the cluster tell.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { withController } from '../support/local-controller.ts';
import { ingress, services, yaml } from './manifests.ts';

test('NET-19: region from instance metadata, VPC from a node of the cluster', async (t) => {
  // Inside a pod the service may know the region and nothing of the network.
  const metadata = createServer((request, response) => {
    if (request.method === 'PUT') response.end('token');
    else if (request.url === '/latest/meta-data/placement/region') response.end('us-west-2');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
  process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] =
    `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`;
  t.after(() => {
    delete process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'];
    metadata.close().closeAllConnections();
  });
  const before = yaml(
    ...services('shop', 'web'),
    ingress('shop', { rules: [['a.example.com', '/', 'web']] }),
  );
  await withController({ before, flags: { 'aws-region': '', 'aws-vpc-id': '' } }, async (local) => {
    await local.rest();
    const [loadBalancer] = local.world.aws.state.loadBalancers.values();
    assert.equal(loadBalancer?.vpcId, local.world.id('vpc'));
    assert.match(loadBalancer?.arn ?? '', /:us-west-2:/);
    assert.equal((await local.request('http://a.example.com/')).status, 200);
  });
});
