import {
  AddTagsToCertificate$,
  DeleteCertificate$,
  DescribeCertificate$,
  ImportCertificate$,
  ListCertificates$,
  ListTagsForCertificate$,
  RemoveTagsFromCertificate$,
  RequestCertificate$,
  type AddTagsToCertificateRequest,
  type ListTagsForCertificateRequest,
  type ListTagsForCertificateResponse,
  type RemoveTagsFromCertificateRequest,
} from '@aws-sdk/client-acm';
import { operation, type CallContext, type Service } from '../operation.ts';
import { addTags, removeTags, visibleTags } from '../tags.ts';
import {
  deleteCertificate,
  describeCertificate,
  findCertificate,
  importCertificate,
  listCertificates,
  requestCertificate,
} from './certificates.ts';

/** Certificate Manager: certificates with real keys, so that the data plane can serve TLS with them. */
export const acm: Service = {
  name: 'acm',
  signingName: 'acm',
  protocol: 'json',
  target: 'CertificateManager',
  operations: {
    AddTagsToCertificate: operation(AddTagsToCertificate$, addTagsToCertificate),
    DeleteCertificate: operation(DeleteCertificate$, deleteCertificate),
    DescribeCertificate: operation(DescribeCertificate$, describeCertificate),
    ImportCertificate: operation(ImportCertificate$, importCertificate),
    ListCertificates: operation(ListCertificates$, listCertificates),
    ListTagsForCertificate: operation(ListTagsForCertificate$, listTagsForCertificate),
    RemoveTagsFromCertificate: operation(RemoveTagsFromCertificate$, removeTagsFromCertificate),
    RequestCertificate: operation(RequestCertificate$, requestCertificate),
  },
};

function addTagsToCertificate(input: AddTagsToCertificateRequest, context: CallContext): object {
  addTags(context, findCertificate(input.CertificateArn, context).arn, input.Tags);
  return {};
}

function removeTagsFromCertificate(input: RemoveTagsFromCertificateRequest, context: CallContext): object {
  const keys = (input.Tags ?? []).map(({ Key }) => Key ?? '');
  removeTags(context, findCertificate(input.CertificateArn, context).arn, keys);
  return {};
}

function listTagsForCertificate(
  input: ListTagsForCertificateRequest,
  context: CallContext,
): ListTagsForCertificateResponse {
  return { Tags: visibleTags(context, findCertificate(input.CertificateArn, context).arn) };
}
