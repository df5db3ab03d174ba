import assert from 'node:assert/strict';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { forward, notFound, refused } from '../account.ts';
import type { Case } from '../case.ts';

const https = (CertificateArn: string): Partial<elb.CreateListenerCommandInput> => ({
  Protocol: 'HTTPS',
  Port: 443,
  Certificates: [{ CertificateArn }],
});

export const listenerCases: readonly Case[] = [
  {
    what: 'creating the same listener again gives the same one',
    run: async (account) => {
      const first = await account.listener();
      const second = await account.listener({ LoadBalancerArn: first.LoadBalancerArn });
      assert.equal(second.ListenerArn, first.ListenerArn);
    },
  },
  {
    what: 'another listener on the same port is DuplicateListener',
    run: async (account) => {
      const { LoadBalancerArn } = await account.listener();
      const DefaultActions = [
        { ...notFound, FixedResponseConfig: { StatusCode: '503', ContentType: 'text/plain' } },
      ];
      await refused(account.listener({ LoadBalancerArn, DefaultActions }), 'DuplicateListener');
    },
  },
  {
    what: 'a listener of an unknown load balancer is LoadBalancerNotFound',
    run: async (account) => {
      const { LoadBalancerArn } = await account.loadBalancer();
      const unknown = account.unknown(LoadBalancerArn);
      await refused(account.listener({ LoadBalancerArn: unknown }), 'LoadBalancerNotFound');
    },
  },
  {
    what: 'an HTTPS listener needs a certificate',
    run: (account) =>
      refused(account.listener({ Protocol: 'HTTPS', Port: 443 }), 'ValidationError', 'CertificateNotFound'),
  },
  {
    what: 'an unknown certificate is CertificateNotFound',
    run: async (account) => {
      const CertificateArn = (await account.certificate('a.example.com')).replace(
        /[^/]+$/,
        '00000000-0000-4000-8000-00000000dead',
      );
      await refused(account.listener(https(CertificateArn)), 'CertificateNotFound');
    },
  },
  {
    what: 'an unknown security policy is SSLPolicyNotFound',
    run: async (account) => {
      const CertificateArn = await account.certificate('a.example.com');
      await refused(
        account.listener({ ...https(CertificateArn), SslPolicy: 'NoSuchPolicy' }),
        'SSLPolicyNotFound',
      );
    },
  },
  {
    what: 'an HTTPS listener without a policy gets ELBSecurityPolicy-2016-08',
    run: async (account) => {
      const CertificateArn = await account.certificate('a.example.com');
      const made = await account.listener(https(CertificateArn));
      assert.equal(made.SslPolicy, 'ELBSecurityPolicy-2016-08');
      assert.deepEqual(
        made.Certificates?.map((one) => one.CertificateArn),
        [CertificateArn],
      );
    },
  },
  {
    what: 'an HTTP listener has no security policy',
    run: async (account) => {
      assert.equal((await account.listener()).SslPolicy, undefined);
    },
  },
  {
    what: 'further certificates are listed beside the default one, and one that is there already is no error',
    run: async (account) => {
      const [first, second] = [
        await account.certificate('a.example.com'),
        await account.certificate('b.example.com'),
      ];
      const { ListenerArn } = await account.listener(https(first));
      const add = () =>
        account.elbv2.send(
          new elb.AddListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn: second }] }),
        );
      await add();
      await add();
      const { Certificates = [] } = await account.elbv2.send(
        new elb.DescribeListenerCertificatesCommand({ ListenerArn }),
      );
      const found = Certificates.map((one) => [one.CertificateArn, one.IsDefault === true]);
      assert.deepEqual(
        found.toSorted((a, b) => Number(b[1]) - Number(a[1])),
        [
          [first, true],
          [second, false],
        ],
      );
    },
  },
  {
    what: 'the default certificate cannot be removed',
    run: async (account) => {
      const CertificateArn = await account.certificate('a.example.com');
      const { ListenerArn } = await account.listener(https(CertificateArn));
      await refused(
        account.elbv2.send(
          new elb.RemoveListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn }] }),
        ),
        'OperationNotPermitted',
      );
    },
  },
  {
    what: 'a forward to one target group comes back as TargetGroupArn and as ForwardConfig',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const made = await account.listener({ DefaultActions: [{ Type: 'forward', TargetGroupArn }] });
      const [action] = made.DefaultActions ?? [];
      assert.equal(action?.TargetGroupArn, TargetGroupArn);
      assert.deepEqual(
        action?.ForwardConfig?.TargetGroups?.map((one) => one.TargetGroupArn),
        [TargetGroupArn],
      );
    },
  },
  {
    what: 'a target group of one load balancer cannot be used by another',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      await account.listener({ DefaultActions: [forward(TargetGroupArn)] });
      await refused(
        account.listener({ DefaultActions: [forward(TargetGroupArn)] }),
        'TargetGroupAssociationLimit',
      );
    },
  },
  {
    what: 'a redirect that leads to itself is refused',
    run: (account) =>
      refused(
        account.listener({
          DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }],
        }),
        'InvalidLoadBalancerAction',
        'ValidationError',
      ),
  },
  {
    what: 'the fields that a redirect does not set come back as its placeholders',
    run: async (account) => {
      const { DefaultActions: [action] = [] } = await account.listener({
        DefaultActions: [
          { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Protocol: 'HTTPS', Port: '443' } },
        ],
      });
      const { Host, Path, Query } = action?.RedirectConfig ?? {};
      assert.deepEqual([Host, Path, Query], ['#{host}', '/#{path}', '#{query}']);
    },
  },
  {
    what: 'deleting a load balancer deletes its listeners and leaves target groups',
    run: async (account) => {
      const { TargetGroupArn } = await account.targetGroup();
      const { ListenerArn, LoadBalancerArn } = await account.listener({
        DefaultActions: [forward(TargetGroupArn)],
      });
      await account.elbv2.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }));
      await refused(
        account.elbv2.send(new elb.DescribeListenersCommand({ ListenerArns: [ListenerArn] })),
        'ListenerNotFound',
      );
      await account.elbv2.send(new elb.DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] }));
    },
  },
];
