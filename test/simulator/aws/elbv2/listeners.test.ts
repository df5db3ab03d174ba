import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertRefused,
  makeFront,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  notFoundPage,
  withAws,
} from '../support.ts';

test('an HTTPS listener gets the default policy, has one default certificate and takes more for SNI', () =>
  withAws(async (bench) => {
    const { elb, id } = bench;
    const LoadBalancerArn = await makeLoadBalancer(bench);
    const [a, b] = [id('cert/a.example.com'), id('cert/b.example.com')];
    const made = await elb.createListener({
      LoadBalancerArn,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: a }],
      DefaultActions: [notFoundPage],
    });
    const [listener] = made.Listeners ?? [];
    const ListenerArn = listener?.ListenerArn ?? '';
    assert.equal(listener?.SslPolicy, 'ELBSecurityPolicy-2016-08');
    assert.deepEqual(listener?.Certificates, [{ CertificateArn: a }]);
    assert.deepEqual(listener?.MutualAuthentication, { Mode: 'off' });
    for (let times = 0; times < 2; times += 1) {
      await elb.addListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: b }] });
    }
    await elb.addListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: a }] });
    const shown = async () => (await elb.describeListenerCertificates({ ListenerArn })).Certificates;
    assert.deepEqual(await shown(), [
      { CertificateArn: a, IsDefault: true },
      { CertificateArn: b, IsDefault: false },
      { CertificateArn: a, IsDefault: false },
    ]);
    await elb.removeListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: a }] });
    await elb.removeListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: b }] });
    await assertRefused(bench, [
      [
        'default certificate',
        'OperationNotPermitted',
        () => elb.removeListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: a }] }),
      ],
      [
        'two at once',
        'ValidationError',
        () =>
          elb.addListenerCertificates({
            ListenerArn,
            Certificates: [{ CertificateArn: a }, { CertificateArn: b }],
          }),
      ],
      [
        'unknown certificate',
        'CertificateNotFound',
        () =>
          elb.addListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: 'arn:aws:acm:x' }] }),
      ],
    ]);
    assert.deepEqual(await shown(), [{ CertificateArn: a, IsDefault: true }]);
    const modified = await elb.modifyListener({
      ListenerArn,
      Port: 8443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
    assert.deepEqual(modified.Listeners?.[0]?.Certificates, [{ CertificateArn: a }]);
    const plain = await elb.modifyListener({ ListenerArn, Protocol: 'HTTP' });
    assert.deepEqual(
      [plain.Listeners?.[0]?.SslPolicy, plain.Listeners?.[0]?.Certificates],
      [undefined, undefined],
    );
    await assertRefused(bench, [
      [
        'back to HTTPS without a certificate',
        'ValidationError',
        () => elb.modifyListener({ ListenerArn, Protocol: 'HTTPS' }),
      ],
    ]);
  }));

test('certificates beyond the quota are refused, defaults not counted', () =>
  withAws(
    async (bench) => {
      const { elb, id } = bench;
      const LoadBalancerArn = await makeLoadBalancer(bench);
      const https = async (Port: number) => {
        const made = await elb.createListener({
          LoadBalancerArn,
          Port,
          Protocol: 'HTTPS',
          Certificates: [{ CertificateArn: id('cert/a.example.com') }],
          DefaultActions: [notFoundPage],
        });
        return made.Listeners?.[0]?.ListenerArn ?? '';
      };
      const [first, second] = [await https(443), await https(444)];
      const Certificates = [{ CertificateArn: id('cert/b.example.com') }];
      await elb.addListenerCertificates({ ListenerArn: first, Certificates });
      await assertRefused(bench, [
        [
          'second',
          'TooManyCertificates',
          () => elb.addListenerCertificates({ ListenerArn: second, Certificates }),
        ],
      ]);
    },
    { quotas: { 'certificates-per-application-load-balancer': 1 } },
  ));

test('creating the same listener again answers the first; another one on its port is a duplicate', () =>
  withAws(async (bench) => {
    const { elb, aws } = bench;
    const LoadBalancerArn = await makeLoadBalancer(bench);
    const arn = await makeListener(bench, LoadBalancerArn);
    assert.equal(await makeListener(bench, LoadBalancerArn), arn);
    assert.equal(aws.state.rules.size, 1);
    await makeListener(bench, LoadBalancerArn, 81);
    const other = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503' } };
    await assertRefused(bench, [
      [
        'other action',
        'DuplicateListener',
        () => elb.createListener({ LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions: [other] }),
      ],
      [
        'moved onto a taken port',
        'DuplicateListener',
        () => elb.modifyListener({ ListenerArn: arn, Port: 81 }),
      ],
    ]);
    const modified = await elb.modifyListener({ ListenerArn: arn, DefaultActions: [other] });
    assert.equal(modified.Listeners?.[0]?.DefaultActions?.[0]?.FixedResponseConfig?.StatusCode, '503');
    const rules = await elb.describeRules({ ListenerArn: arn });
    assert.deepEqual(
      rules.Rules?.map(({ IsDefault, Actions }) => [IsDefault, Actions]),
      [[true, modified.Listeners?.[0]?.DefaultActions]],
    );
    await elb.deleteListener({ ListenerArn: arn });
    const left = await elb.describeListeners({ LoadBalancerArn });
    assert.deepEqual(
      left.Listeners?.map(({ Port }) => Port),
      [81],
    );
    assert.equal(aws.state.rules.size, 1);
  }));

test('a target group serves one load balancer at a time, and shows which', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const { loadBalancer, listener, group } = await makeFront(bench);
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: group }];
    await elb.modifyListener({ ListenerArn: listener, DefaultActions });
    const owners = async () =>
      (await elb.describeTargetGroups({ TargetGroupArns: [group] })).TargetGroups?.[0]?.LoadBalancerArns;
    assert.deepEqual(await owners(), [loadBalancer]);
    const second = await makeListener(bench, await makeLoadBalancer(bench, 'other'));
    await assertRefused(bench, [
      [
        'second load balancer',
        'TargetGroupAssociationLimit',
        () => elb.modifyListener({ ListenerArn: second, DefaultActions }),
      ],
      ['delete while used', 'ResourceInUse', () => elb.deleteTargetGroup({ TargetGroupArn: group })],
    ]);
    await elb.modifyListener({ ListenerArn: listener, DefaultActions: [notFoundPage] });
    assert.deepEqual(await owners(), []);
    await elb.modifyListener({ ListenerArn: second, DefaultActions });
  }));

test('mutual authentication needs a trust store, and two listeners at most may verify', () =>
  withAws(async (bench) => {
    const { elb, id } = bench;
    const LoadBalancerArn = await makeLoadBalancer(bench);
    const store = await elb.createTrustStore({
      Name: 'ca',
      CaCertificatesBundleS3Bucket: 'b',
      CaCertificatesBundleS3Key: 'k',
    });
    const TrustStoreArn = store.TrustStores?.[0]?.TrustStoreArn ?? '';
    const create = (Port: number, MutualAuthentication: object) =>
      elb.createListener({
        LoadBalancerArn,
        Port,
        Protocol: 'HTTPS',
        Certificates: [{ CertificateArn: id('cert/a.example.com') }],
        DefaultActions: [notFoundPage],
        MutualAuthentication,
      });
    const made = await create(443, { Mode: 'verify', TrustStoreArn });
    assert.deepEqual(made.Listeners?.[0]?.MutualAuthentication, {
      Mode: 'verify',
      TrustStoreArn,
      IgnoreClientCertificateExpiry: false,
      AdvertiseTrustStoreCaNames: 'off',
      TrustStoreAssociationStatus: 'active',
    });
    await create(444, { Mode: 'verify', TrustStoreArn });
    await assertRefused(create, [
      [
        'third verifying listener',
        'InvalidConfigurationRequest',
        () => create(445, { Mode: 'verify', TrustStoreArn }),
      ],
      [
        'unknown trust store',
        'TrustStoreNotFound',
        () => create(445, { Mode: 'verify', TrustStoreArn: 'x' }),
      ],
      [
        'trust store without verifying',
        'ValidationError',
        () => create(445, { Mode: 'passthrough', TrustStoreArn }),
      ],
      ['unknown mode', 'ValidationError', () => create(445, { Mode: 'on' })],
      ['trust store in use', 'TrustStoreInUse', () => elb.deleteTrustStore({ TrustStoreArn })],
      [
        'trust store of the same name',
        'DuplicateTrustStoreName',
        () =>
          elb.createTrustStore({
            Name: 'ca',
            CaCertificatesBundleS3Bucket: 'b',
            CaCertificatesBundleS3Key: 'k',
          }),
      ],
    ]);
    const found = await elb.describeTrustStores({ Names: ['ca'] });
    assert.deepEqual(
      found.TrustStores?.map(({ Status }) => Status),
      ['ACTIVE'],
    );
  }));

test('what a listener cannot be is refused with the code of AWS', () =>
  withAws(
    async (bench) => {
      const { elb, acm, id } = bench;
      const { loadBalancer, listener } = await makeFront(bench);
      const pending = await acm.requestCertificate({ DomainName: 'new.example.com' });
      const create = (settings: object) =>
        elb.createListener({
          LoadBalancerArn: loadBalancer,
          Port: 443,
          Protocol: 'HTTPS',
          Certificates: [{ CertificateArn: id('cert/a.example.com') }],
          DefaultActions: [notFoundPage],
          ...settings,
        });
      await assertRefused(create, [
        ['too many listeners', 'TooManyListeners', () => create({})],
        ['port 0', 'ValidationError', () => create({ Port: 0 })],
        ['TCP', 'UnsupportedProtocol', () => create({ Protocol: 'TCP' })],
        ['certificate on HTTP', 'ValidationError', () => create({ Protocol: 'HTTP' })],
        ['no certificate', 'ValidationError', () => create({ Certificates: [] })],
        [
          'two certificates',
          'TooManyCertificates',
          () => create({ Certificates: [{ CertificateArn: 'a' }, { CertificateArn: 'b' }] }),
        ],
        [
          'pending certificate',
          'UnsupportedCertificate',
          () => create({ Certificates: [{ CertificateArn: pending.CertificateArn }] }),
        ],
        ['unknown policy', 'SSLPolicyNotFound', () => create({ SslPolicy: 'x' })],
        ['unknown load balancer', 'LoadBalancerNotFound', () => create({ LoadBalancerArn: 'x' })],
        ['unknown listener', 'ListenerNotFound', () => elb.deleteListener({ ListenerArn: 'x' })],
        ['neither selector', 'ValidationError', () => elb.describeListeners({})],
        [
          'request header on HTTP',
          'ValidationError',
          () =>
            elb.modifyListenerAttributes({
              ListenerArn: listener,
              Attributes: [{ Key: 'routing.http.request.x_amzn_tls_version.header_name', Value: 'x' }],
            }),
        ],
        [
          'header value with a control character',
          'ValidationError',
          () =>
            elb.modifyListenerAttributes({
              ListenerArn: listener,
              Attributes: [{ Key: 'routing.http.response.x_frame_options.header_value', Value: 'a\u0001' }],
            }),
        ],
      ]);
    },
    { quotas: { 'listeners-per-application-load-balancer': 1 } },
  ));

test('listener attributes are set and read; an HTTP listener shows no TLS ones', () =>
  withAws(async (bench) => {
    const { elb } = bench;
    const { listener: ListenerArn } = await makeFront(bench);
    await elb.modifyListenerAttributes({
      ListenerArn,
      Attributes: [{ Key: 'routing.http.response.server.enabled', Value: 'false' }],
    });
    const { Attributes = [] } = await elb.describeListenerAttributes({ ListenerArn });
    assert.equal(
      Attributes.find(({ Key }) => Key === 'routing.http.response.server.enabled')?.Value,
      'false',
    );
    assert.deepEqual(
      Attributes.filter(({ Key }) => Key?.includes('request')),
      [],
    );
  }));

test('limits and SSL policies are listed in pages; an unknown policy is refused', () =>
  withAws(
    async (bench) => {
      const { elb } = bench;
      const first = await elb.describeAccountLimits({ PageSize: 3 });
      const second = await elb.describeAccountLimits({ Marker: first.NextMarker });
      const limits = new Map(
        [...(first.Limits ?? []), ...(second.Limits ?? [])].map(({ Name, Max }) => [Name, Max]),
      );
      assert.equal(limits.get('rules-per-application-load-balancer'), '7');
      assert.equal(limits.get('target-groups'), '3000');
      assert.equal(limits.has('rules-per-security-group'), false);
      const policies = await elb.describeSSLPolicies({ Names: ['ELBSecurityPolicy-TLS13-1-3-2021-06'] });
      assert.deepEqual(
        policies.SslPolicies?.map(({ SslProtocols }) => SslProtocols),
        [['TLSv1.3']],
      );
      await assertRefused(bench, [
        ['policy', 'SSLPolicyNotFound', () => elb.describeSSLPolicies({ Names: ['x'] })],
      ]);
    },
    { quotas: { 'rules-per-application-load-balancer': 7 } },
  ));

test('a new resource cannot be found before the describe lag has passed', () =>
  withAws(
    async (bench) => {
      const LoadBalancerArn = await makeLoadBalancer(bench);
      const rule = {
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
        Actions: [notFoundPage],
      };
      await assertRefused(bench, [
        ['too early', 'LoadBalancerNotFound', () => makeListener(bench, LoadBalancerArn)],
      ]);
      await bench.clock.advance(2_000);
      const ListenerArn = await makeListener(bench, LoadBalancerArn);
      await makeTargetGroup(bench);
      await assertRefused(bench, [
        ['too early', 'ListenerNotFound', () => bench.elb.createRule({ ListenerArn, ...rule })],
      ]);
      assert.deepEqual((await bench.elb.describeTargetGroups({})).TargetGroups, []);
      await bench.clock.advance(2_000);
      await bench.elb.createRule({ ListenerArn, ...rule });
      assert.equal((await bench.elb.describeTargetGroups({})).TargetGroups?.length, 1);
    },
    { describeLagMs: 2_000 },
  ));
