import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused, type Bench, codeOf, makeLoadBalancer, withAws } from '../support.ts';

const call = async (
  { aws }: Bench,
  service: string,
  operation: string,
  params: Record<string, unknown> = {},
) => (await aws.call(service, operation, params)) as Record<string, unknown>;

/** What a client that is not among our dependencies would send, signed for a service or not. */
async function post({ aws }: Bench, headers: Record<string, string>, body: string): Promise<string> {
  const response = await fetch(aws.url, { method: 'POST', headers, body });
  return response.text();
}

test('a request is told apart by its signature, else by its target or version', () =>
  withAws(async (bench) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const signed = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    });
    assert.match(
      await post(bench, { ...form, ...signed('sts') }, 'Action=GetCallerIdentity&Version=2011-06-15'),
      /<Account>123456789012<\/Account>/,
    );
    assert.match(await post(bench, form, 'Action=GetCallerIdentity&Version=2011-06-15'), /<Account>/);
    assert.match(await post(bench, form, 'Action=DescribeVpcs&Version=2016-11-15'), /<vpcSet><item>/);
    assert.match(
      await post(bench, form, 'Action=DescribeLoadBalancers&Version=2015-12-01'),
      /<DescribeLoadBalancersResult><LoadBalancers>/,
    );
    assert.match(
      await post(bench, { 'x-amz-target': 'AWSShield_20160616.GetSubscriptionState' }, '{}'),
      /INACTIVE/,
    );
    assert.match(
      await post(bench, { 'x-amz-target': 'AWSShield_20160616.GetSubscriptionState' }, '{'),
      /SerializationException/,
    );
    assert.match(await post(bench, { ...form, ...signed('s3') }, 'Action=x'), /UnknownService/);
  }));

test('dashboards are kept, listed and checked', () =>
  withAws(async (bench) => {
    const { cloudwatch } = bench;
    const body = JSON.stringify({
      widgets: [
        { type: 'text', x: 0, y: 0, width: 24, height: 2, properties: { markdown: 'x'.repeat(20_000) } },
      ],
    });
    await cloudwatch.putDashboard({ DashboardName: 'demo-1', DashboardBody: body });
    assert.equal((await cloudwatch.getDashboard({ DashboardName: 'demo-1' })).DashboardBody, body);
    const listed = await cloudwatch.listDashboards({ DashboardNamePrefix: 'demo' });
    assert.deepEqual(
      listed.DashboardEntries?.map(({ DashboardName, Size, LastModified }) => [
        DashboardName,
        Size,
        LastModified?.getTime(),
      ]),
      [['demo-1', body.length, bench.clock.now()]],
    );
    const put = (DashboardName: string, DashboardBody: string) =>
      cloudwatch.putDashboard({ DashboardName, DashboardBody });
    const widget = (fields: object) =>
      JSON.stringify({ widgets: [{ type: 'text', properties: {}, ...fields }] });
    await assertRefused(put, [
      ['name', 'InvalidParameterInput', () => put('a b', '{"widgets":[]}')],
      ['no JSON', 'InvalidParameterInput', () => put('a', '{')],
      ['no widgets', 'InvalidParameterInput', () => put('a', '{}')],
      ['widget type', 'InvalidParameterInput', () => put('a', widget({ type: 'pie' }))],
      ['widget width', 'InvalidParameterInput', () => put('a', widget({ width: 25 }))],
      [
        '501 widgets',
        'InvalidParameterInput',
        () =>
          put(
            'a',
            JSON.stringify({
              widgets: Array.from({ length: 501 }, () => ({ type: 'text', properties: {} })),
            }),
          ),
      ],
      ['unknown', 'ResourceNotFound', () => cloudwatch.getDashboard({ DashboardName: 'none' })],
    ]);
    await cloudwatch.deleteDashboards({ DashboardNames: ['demo-1'] });
    assert.deepEqual((await cloudwatch.listDashboards({})).DashboardEntries, []);
  }));

test('a web ACL guards a load balancer until it is taken off or the load balancer goes', () =>
  withAws(async (bench) => {
    const { state } = bench.aws;
    const acl = {
      arn: 'arn:aws:wafv2:us-west-2:1:regional/webacl/a/1',
      id: '1',
      name: 'a',
      scope: 'REGIONAL',
    };
    state.webAcls.set(acl.arn, acl);
    const ResourceArn = await makeLoadBalancer(bench);
    const guarding = async () =>
      (await call(bench, 'wafv2', 'GetWebACLForResource', { ResourceArn }))['WebACL'] as
        | { ARN: string }
        | undefined;
    assert.equal(await guarding(), undefined);
    await call(bench, 'wafv2', 'AssociateWebACL', { WebACLArn: acl.arn, ResourceArn });
    assert.equal((await guarding())?.ARN, acl.arn);
    assert.deepEqual(await call(bench, 'wafv2', 'ListResourcesForWebACL', { WebACLArn: acl.arn }), {
      ResourceArns: [ResourceArn],
    });
    await call(bench, 'wafv2', 'DisassociateWebACL', { ResourceArn });
    assert.equal(await guarding(), undefined);
    assert.equal(
      await codeOf(call(bench, 'wafv2', 'AssociateWebACL', { WebACLArn: 'x', ResourceArn })),
      'WAFNonexistentItemException',
    );
    const { WebACLs } = await call(bench, 'wafv2', 'ListWebACLs', { Scope: 'REGIONAL' });
    assert.equal((WebACLs as unknown[]).length, 1);
  }));

test('a web ACL of WAF Classic is kept by its id, beside one of WAFv2', () =>
  withAws(async (bench) => {
    const ResourceArn = await makeLoadBalancer(bench);
    const waf = (operation: string, params: Record<string, unknown> = { ResourceArn }) =>
      call(bench, 'waf-regional', operation, params);
    assert.deepEqual(await waf('GetWebACLForResource'), {});
    await waf('AssociateWebACL', { WebACLId: 'one', ResourceArn });
    await waf('AssociateWebACL', { WebACLId: 'two', ResourceArn });
    assert.deepEqual((await waf('GetWebACLForResource'))['WebACLSummary'], { WebACLId: 'two', Name: 'two' });
    await waf('DisassociateWebACL');
    assert.deepEqual(await waf('GetWebACLForResource'), {});
    const gone = waf('AssociateWebACL', { WebACLId: 'one', ResourceArn: 'arn:gone' });
    assert.equal(await codeOf(gone), 'WAFNonexistentItemException');
    assert.equal(await codeOf(waf('AssociateWebACL', { ResourceArn })), 'WAFInvalidParameterException');
  }));

test('protections need a subscription to Shield', () =>
  withAws(async (bench) => {
    const create = () => call(bench, 'shield', 'CreateProtection', { Name: 'p', ResourceArn: 'r' });
    assert.equal(await codeOf(create()), 'InvalidOperationException');
    bench.aws.state.shieldSubscribed = true;
    assert.deepEqual(await call(bench, 'shield', 'GetSubscriptionState'), { SubscriptionState: 'ACTIVE' });
    const { ProtectionId } = await create();
    assert.equal(await codeOf(create()), 'ResourceAlreadyExistsException');
    const found = await call(bench, 'shield', 'DescribeProtection', { ResourceArn: 'r' });
    assert.deepEqual(found, { Protection: { Id: ProtectionId, Name: 'p', ResourceArn: 'r' } });
    await call(bench, 'shield', 'DeleteProtection', { ProtectionId });
    assert.equal(
      await codeOf(call(bench, 'shield', 'DescribeProtection', { ResourceArn: 'r' })),
      'ResourceNotFoundException',
    );
  }));

test('resources are found by tag and type, and quotas come from the knobs', () =>
  withAws(
    async (bench) => {
      const arns = [await makeLoadBalancer(bench, 'a'), await makeLoadBalancer(bench, 'b')];
      for (const arn of arns)
        await bench.elb.addTags({
          ResourceArns: [arn],
          Tags: [{ Key: 'stack', Value: arn.includes('/a/') ? 'x' : 'y' }],
        });
      const find = async (params: Record<string, unknown>) => {
        const { ResourceTagMappingList } = await call(
          bench,
          'resource-groups-tagging-api',
          'GetResources',
          params,
        );
        return (ResourceTagMappingList as { ResourceARN: string }[]).map(({ ResourceARN }) => ResourceARN);
      };
      const ResourceTypeFilters = ['elasticloadbalancing:loadbalancer'];
      assert.deepEqual(await find({ TagFilters: [{ Key: 'stack' }], ResourceTypeFilters }), arns);
      assert.deepEqual(await find({ TagFilters: [{ Key: 'stack', Values: ['y'] }] }), arns.slice(1));
      assert.deepEqual(
        await find({
          TagFilters: [{ Key: 'stack' }],
          ResourceTypeFilters: ['elasticloadbalancing:targetgroup'],
        }),
        [],
      );
      const { Quota } = await call(bench, 'service-quotas', 'GetServiceQuota', {
        ServiceCode: 'vpc',
        QuotaCode: 'L-0EA8095F',
      });
      assert.partialDeepStrictEqual(Quota, { Value: 7, Adjustable: true });
      const { Quotas } = await call(bench, 'service-quotas', 'ListServiceQuotas', {
        ServiceCode: 'elasticloadbalancing',
        MaxResults: 2,
      });
      assert.deepEqual(
        (Quotas as { QuotaCode: string }[]).map(({ QuotaCode }) => QuotaCode),
        ['L-53DA6B97', 'L-B22855CB'],
      );
      assert.equal(
        await codeOf(
          call(bench, 'service-quotas', 'GetServiceQuota', { ServiceCode: 'vpc', QuotaCode: 'L-1' }),
        ),
        'NoSuchResourceException',
      );
    },
    { quotas: { 'rules-per-security-group': 7 } },
  ));
