import type {
  AddTagsInput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import { mergedTags, removeTags, setTags, visibleTags } from '../tags.ts';
import { findListener, findLoadBalancer, findRule, findTargetGroup, findTrustStore } from './lookup.ts';

/** Checks that a taggable resource exists, with the error its kind answers. */
function checkResource(arn: string, context: CallContext): string {
  if (arn.includes(':targetgroup/')) return findTargetGroup(context, arn).arn;
  if (arn.includes(':listener-rule/')) return findRule(context, arn).arn;
  if (arn.includes(':listener/')) return findListener(context, arn).arn;
  if (arn.includes(':truststore/')) return findTrustStore(context, arn).arn;
  if (arn.includes(':loadbalancer/')) return findLoadBalancer(context, arn).arn;
  throw validationError(`'${arn}' is not a valid resource ARN`);
}

export function addTagsOperation(input: AddTagsInput, context: CallContext): object {
  const resources = (input.ResourceArns ?? []).map((item) => checkResource(item, context));
  const merged = resources.map(
    (resource) => [resource, mergedTags(context, resource, input.Tags ?? [])] as const,
  );
  for (const [resource, tags] of merged) setTags(context, resource, tags);
  return {};
}

export function removeTagsOperation(input: RemoveTagsInput, context: CallContext): object {
  const resources = (input.ResourceArns ?? []).map((item) => checkResource(item, context));
  for (const resource of resources) removeTags(context, resource, input.TagKeys ?? []);
  return {};
}

export function describeTags(input: DescribeTagsInput, context: CallContext): DescribeTagsOutput {
  const arns = input.ResourceArns ?? [];
  if (arns.length > 20) throw validationError(`At most 20 resources can be named; got ${arns.length}`);
  const resources = arns.map((item) => checkResource(item, context));
  return {
    TagDescriptions: resources.map((ResourceArn) => ({
      ResourceArn,
      Tags: visibleTags(context, ResourceArn),
    })),
  };
}
