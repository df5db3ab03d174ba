// The rows of the options table that concern certificates, and the tags of all that the controller makes.

import { option } from './option.ts';
import { list, listOf, map, matching } from './values.ts';

const nothing: readonly string[] = [];
const none: Readonly<Record<string, string>> = {};

export const certificateAndTagOptions = {
  allowedCertificateAuthorityArns: option({
    name: 'allowed-certificate-authority-arns',
    argument: 'arn,…',
    parse: listOf(/^arn:/, 'an ARN'),
    fallback: nothing,
    group: 'Certificates and tags',
    doc: 'Certificate discovery takes only certificates of these authorities.',
  }),
  defaultPcaArn: option({
    name: 'default-pca-arn',
    argument: 'arn',
    parse: matching(/^arn:|^$/, 'the ARN of a private certificate authority'),
    fallback: undefined,
    group: 'Certificates and tags',
    doc: 'Private authority that issues certificates requested by create-acm-cert, where an Ingress names none with acm-pca-arn; without it Amazon issues public ones.',
  }),
  defaultTags: option({
    name: 'default-tags',
    argument: 'key=value,…',
    parse: map,
    fallback: none,
    group: 'Certificates and tags',
    doc: 'Tags for every AWS resource that the controller makes.',
  }),
  externalManagedTags: option({
    name: 'external-managed-tags',
    argument: 'key,…',
    parse: list,
    fallback: nothing,
    group: 'Certificates and tags',
    doc: 'Keys of tags that others manage on the resources; they are left alone.',
  }),
};
