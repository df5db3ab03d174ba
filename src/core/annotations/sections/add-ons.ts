import { section } from '../entry.ts';

export const addOns = section(
  'Add-ons',
  { on: ['Ingress'], merge: 'one value in the group', status: 'built' },
  {
    'wafv2-acl-arn': {
      allowed: 'the ARN of a web ACL, or none',
      byDefault: 'the association is left alone',
      doc: 'Web ACL (WAFv2) of the load balancer. Not read where a member of the group gives a name.',
      example:
        'arn:aws:wafv2:us-west-2:123456789012:regional/webacl/shop/12345678-1234-1234-1234-123456789012',
      params: 'wafv2AclArn',
    },
    'wafv2-acl-name': {
      allowed: 'the name of a web ACL, or none',
      byDefault: 'the association is left alone',
      doc: 'Web ACL (WAFv2) of the load balancer, by name; goes before an ARN.',
      example: 'shop',
      params: 'wafv2AclName',
    },
    'waf-acl-id': {
      allowed: 'the id of a WAF Classic web ACL, or none',
      byDefault: 'the association is left alone',
      doc: 'Web ACL of WAF Classic of the load balancer. AWS announced the end of support of WAF Classic for 30 September 2025 and names the dates of each region in the AWS Health dashboard; the annotation remains for manifests that have it. Use wafv2-acl-arn.',
      example: '12345678-1234-1234-1234-123456789012',
    },
    'web-acl-id': {
      allowed: 'the id of a WAF Classic web ACL, or none',
      byDefault: 'the association is left alone',
      doc: 'Old name of waf-acl-id, read where the Ingress does not have that one.',
      example: '12345678-1234-1234-1234-123456789012',
    },
    'shield-advanced-protection': {
      allowed: 'true, false',
      byDefault: 'the protection is left alone',
      doc: 'Shield Advanced protection of the load balancer, if the account is subscribed; false takes away only what the controller made.',
      example: 'true',
    },
  },
);
