/**
 * The limits AWS enforces, with their documented defaults. DescribeAccountLimits, Service Quotas and the errors all read
 * this table. Documentation: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 * and https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
type Quota = {
  /** The name DescribeAccountLimits uses; names without a code exist only there. */
  readonly value: number;
  readonly service: 'elasticloadbalancing' | 'vpc' | 'acm';
  readonly code?: string;
  readonly title: string;
  readonly adjustable: boolean;
  /** Whether DescribeAccountLimits lists it. */
  readonly listed: boolean;
};

const elb = (value: number, code: string | undefined, title: string, adjustable = true): Quota => ({
  value,
  service: 'elasticloadbalancing',
  ...(code === undefined ? {} : { code }),
  title,
  adjustable,
  listed: true,
});

const hidden = (quota: Quota): Quota => ({ ...quota, listed: false });

const vpc = (value: number, code: string, title: string): Quota => ({
  value,
  service: 'vpc',
  code,
  title,
  adjustable: true,
  listed: false,
});

export const quotaTable = {
  'application-load-balancers': elb(50, 'L-53DA6B97', 'Application Load Balancers per Region'),
  'target-groups': elb(3000, 'L-B22855CB', 'Target Groups per Region'),
  'listeners-per-application-load-balancer': elb(50, 'L-B6DF7632', 'Listeners per Application Load Balancer'),
  'rules-per-application-load-balancer': elb(100, 'L-7EED9B64', 'Rules per Application Load Balancer'),
  'certificates-per-application-load-balancer': elb(
    25,
    'L-9365A611',
    'Certificates per Application Load Balancer',
  ),
  'targets-per-application-load-balancer': elb(1000, 'L-7E6692B2', 'Targets per Application Load Balancer'),
  'targets-per-target-group': elb(1000, 'L-A0D0B863', 'Targets per Target Group per Region'),
  'target-groups-per-application-load-balancer': elb(
    100,
    'L-822D1B1B',
    'Target Groups per Application Load Balancer',
    false,
  ),
  'target-groups-per-action-on-application-load-balancer': elb(
    5,
    'L-057ECE54',
    'Target Groups per Action per Application Load Balancer',
    false,
  ),
  'target-id-registrations-per-application-load-balancer': elb(
    1000,
    'L-4E7B68E9',
    'Number of times a target can be registered per Application Load Balancer',
    false,
  ),
  'condition-values-per-alb-rule': elb(5, 'L-EBC0C08B', 'Condition Values per Rule', false),
  // The limits page says 6; the answers of the API that were published say 5, and 5 is what a careful client plans with.
  'condition-wildcards-per-alb-rule': elb(5, 'L-A012D4E8', 'Condition Wildcards per Rule', false),
  'network-load-balancers': elb(50, 'L-69A177A2', 'Network Load Balancers per Region'),
  'listeners-per-network-load-balancer': elb(50, 'L-57A373D6', 'Listeners per Network Load Balancer', false),
  'targets-per-network-load-balancer': elb(3000, 'L-EEF1AD04', 'Targets per Network Load Balancer'),
  'targets-per-availability-zone-per-network-load-balancer': elb(
    500,
    'L-B211E961',
    'Targets per Availability Zone per Network Load Balancer',
  ),
  'trust-stores': hidden(elb(20, 'L-A8F7060B', 'Trust Stores per Account')),
  'reserved-capacity-units-per-region': hidden(elb(0, 'L-8A66D0E6', 'Reserved LCUs per Region')),
  'mutual-authentication-listeners': hidden(
    elb(2, undefined, 'Verify-mode listeners per load balancer', false),
  ),
  'tags-per-resource': hidden(elb(50, undefined, 'Tags per resource', false)),
  'security-groups': vpc(2500, 'L-E79EC296', 'VPC security groups per Region'),
  'rules-per-security-group': vpc(60, 'L-0EA8095F', 'Inbound or outbound rules per security group'),
  'security-groups-per-interface': vpc(5, 'L-2AFB9258', 'Security groups per network interface'),
  certificates: {
    value: 2500,
    service: 'acm',
    code: 'L-F141DD1D',
    title: 'ACM certificates',
    adjustable: true,
    listed: false,
  },
  'names-per-certificate': {
    value: 10,
    service: 'acm',
    code: 'L-FB94F0B0',
    title: 'Domain names per ACM certificate',
    adjustable: true,
    listed: false,
  },
} as const satisfies Record<string, Quota>;

export type QuotaName = keyof typeof quotaTable;
export const quotaNames = Object.keys(quotaTable) as readonly QuotaName[];
