import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noClassicWaf } from '../../src/core/domain/observed-group.ts';
import { classicWebAcl } from '../../src/aws/observe/classic-web-acl.ts';
import { classicClient, GetWebACLForResourceCommand } from '../../src/aws/waf-classic.ts';
import { AwsError } from '../../src/aws/errors.ts';
import { localAws } from './local-aws.ts';
import { openShop, shopWorld } from './shop.ts';
import { onlyDescribed } from '../../src/core/domain/observation.ts';

type Sent = { readonly hostname: string; readonly headers: Readonly<Record<string, string>> };

async function sentTo(region: string): Promise<Sent> {
  const sent: Sent[] = [];
  const handle = async (request: Sent): Promise<never> => {
    sent.push(request);
    throw new Error('seen');
  };
  const client = classicClient({
    region,
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
  const command = new GetWebACLForResourceCommand({ ResourceArn: 'arn:lb' });
  await client.send(command as never).catch(() => undefined);
  const [first] = sent;
  assert.ok(first !== undefined);
  return first;
}

test('ADD-02: requests to WAF Classic go to its own endpoint and are signed for its own name', async () => {
  const { hostname, headers } = await sentTo('us-west-2');
  assert.equal(hostname, 'waf-regional.us-west-2.amazonaws.com');
  assert.equal(headers['x-amz-target'], 'AWSWAF_Regional_20161128.GetWebACLForResource');
  assert.match(headers['authorization'] ?? '', /\/us-west-2\/waf-regional\/aws4_request/);
  assert.equal((await sentTo('cn-north-1')).hostname, 'waf-regional.cn-north-1.amazonaws.com.cn');
});

test('ADD-02: a region whose WAF Classic has no host name has no WAF Classic', async () => {
  const failing = (code: string) => {
    const refusal = { kind: 'unavailable', code, action: 'a', message: 'm' } as const;
    const classicWaf = async (): Promise<never> => {
      throw new AwsError({ ...refusal, requestId: undefined, retryAfterMs: undefined });
    };
    const { signal } = new AbortController();
    return classicWebAcl({ calls: { classicWaf } } as never, 'arn:lb' as never, { signal });
  };
  assert.equal(await failing('ENOTFOUND'), noClassicWaf);
  await assert.rejects(failing('ECONNREFUSED'));
});

test('ADD-02: the association is read where it matters, and nobody asks otherwise', async (t) => {
  const local = localAws(t, shopWorld);
  const { loadBalancer } = await openShop(local);
  local.account.state.classicWebAcls.set(loadBalancer, 'theirs');
  const resources = {
    loadBalancerArns: [loadBalancer],
    targetGroupArns: [],
    securityGroupIds: [],
    certificateArns: [],
  };
  const seen = async (classic: boolean) => {
    const since = local.account.trace.mark;
    const { loadBalancers } = await local.settled(
      local.aws.observeGroup('shop' as never, resources, { ...onlyDescribed, classicWebAcl: classic }, local),
    );
    const asked = local.account.trace.entries(since).filter(({ service }) => service === 'waf-regional');
    return [loadBalancers[0]?.classicWebAclId, asked.length];
  };
  assert.deepEqual(await seen(false), [undefined, 0]);
  assert.deepEqual(await seen(true), ['theirs', 1]);
});
