/**
 * The one permission that the shipped policies leave out for the taking over of a load balancer: they let the role tag what
 * carries the tag of a cluster already, and this one carries none yet. For `iam/policy-adopt.json` and `albatross adopt`.
 */
export function adoptionPolicy(loadBalancer: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Adopt',
        Effect: 'Allow',
        Action: ['elasticloadbalancing:AddTags'],
        Resource: loadBalancer,
        Condition: { Null: { 'aws:ResourceTag/elbv2.k8s.aws/cluster': 'true' } },
      },
    ],
  };
}
