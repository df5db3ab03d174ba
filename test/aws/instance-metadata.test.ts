import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { instanceMetadata } from '../../src/aws/instance-metadata.ts';
import { findRegion } from '../../src/aws/region.ts';

const { signal } = new AbortController();
const values: Readonly<Record<string, string>> = {
  'placement/region': 'eu-west-1',
  mac: '0e:00:00:00:00:01',
  'network/interfaces/macs/0e:00:00:00:00:01/vpc-id': 'vpc-0123456789abcdef0\n',
};

/** Version 2 of the service: a token first. `asked` are the requests. */
async function service(t: TestContext, answers = values) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'PUT') {
      const lifetime = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
      return void response.writeHead(lifetime > 0 ? 200 : 400).end('token-1');
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== 'token-1') return void response.writeHead(401).end();
    const value = answers[request.url?.replace('/latest/meta-data/', '') ?? ''];
    response.writeHead(value === undefined ? 404 : 200).end(value);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, url, metadata: instanceMetadata({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }) };
}

test('NET-19: region and VPC of the instance are read with a token', async (t) => {
  const { metadata, asked } = await service(t);
  assert.deepEqual(await metadata.region({ signal }), { value: 'eu-west-1' });
  assert.deepEqual(await metadata.vpcId({ signal }), { value: 'vpc-0123456789abcdef0' });
  assert.equal(asked.filter((line) => line === 'PUT /latest/api/token').length, 2);
});

test('NET-19: what the service does not know, a service that is off and one that is not there are told', async (t) => {
  const { metadata, url } = await service(t, {});
  assert.deepEqual(await metadata.region({ signal }), {
    why: `the instance metadata service at ${url} answered 404 to /latest/meta-data/placement/region`,
  });
  const off = instanceMetadata({ AWS_EC2_METADATA_DISABLED: 'true' });
  assert.deepEqual(await off.vpcId({ signal }), {
    why: 'AWS_EC2_METADATA_DISABLED switches the instance metadata service off',
  });
  const gone = instanceMetadata({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' });
  const told = await gone.region({ signal });
  assert.match(
    'why' in told ? told.why : '',
    /^the instance metadata service at http:\/\/127\.0\.0\.1:1 cannot be reached/,
  );
});

test('NET-19: a service that is a hop too far away is given up, with what to do', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const told = await instanceMetadata({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }).region({ signal });
  assert.match('why' in told ? told.why : '', /did not answer within 1 s .*--http-put-response-hop-limit 2/);
});

test('OPS-17: the region is the given one, else that of the instance, else a mistake that says what to set', async () => {
  const never = { region: () => assert.fail('nobody asks') };
  assert.equal(await findRegion('cn-north-1', never, { signal }), 'cn-north-1');
  const here = { region: async () => ({ value: 'us-gov-west-1' }) };
  assert.equal(await findRegion('', here, { signal }), 'us-gov-west-1');
  const nowhere = { region: async () => ({ why: 'nobody answered' }) };
  await assert.rejects(
    findRegion('', nowhere, { signal }),
    /the region is not known: nobody answered; set --aws-region, or AWS_REGION/,
  );
});
